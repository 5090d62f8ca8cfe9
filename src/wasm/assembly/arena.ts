/** Memory above the static data, given out in order and taken back in the opposite one. */
let top: usize = 0;

/** Bytes at a multiple of 64; 0 if the memory cannot grow any more. */
export function alloc(bytes: usize): usize {
  if (top === 0) top = (__heap_base + 63) & ~63;
  const at = top,
    end = at + ((bytes + 63) & ~63);
  if (end < at) return 0;
  const pages = <i32>((end + 0xffff) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return 0;
  top = end;
  return at;
}

/** Where the next allocation begins: what `release` goes back to. */
export function mark(): usize {
  return alloc(0);
}

/** Gives back everything that was allocated since the mark. */
export function release(to: usize): void {
  top = to;
}

/** Memory that a computation needs whatever its input: ends the module's work if there is none. */
export function need(bytes: usize): usize {
  const at = alloc(bytes);
  if (at === 0) unreachable();
  return at;
}
