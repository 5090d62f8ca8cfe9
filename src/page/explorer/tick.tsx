/** Stands beside what this browser has verified. */
export function Tick() {
  return (
    <span class="tick" title="verified in this browser">
      ✓<span class="unseen"> verified</span>
    </span>
  );
}

/** Stands beside what is the node's word alone. */
export function Hearsay() {
  return (
    <span class="hearsay" title="what the node says; nothing of it is certified">
      ○ the node’s word
    </span>
  );
}
