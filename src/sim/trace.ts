/**
 * A running hash of what a simulation did, 64 bits: equal runs have equal hashes. It finds differences, it does not
 * withstand who looks for collisions.
 */
export class TraceHash {
  private low = 0x9e3779b9 | 0;
  private high = 0x85ebca6b | 0;
  private readonly float = new Float64Array(1);
  private readonly words = new Uint32Array(this.float.buffer);

  add(value: number): void {
    this.float[0] = value;
    this.mix(this.words[0]!);
    this.mix(this.words[1]!);
  }

  addBytes(bytes: Uint8Array): void {
    const whole = bytes.length & ~3;
    for (let i = 0; i < whole; i += 4) {
      this.mix(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    }
    for (let i = whole; i < bytes.length; i++) this.mix(bytes[i]!);
    this.mix(bytes.length);
  }

  /** 16 hex digits. */
  get hex(): string {
    return [this.high, this.low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private mix(word: number): void {
    this.low = Math.imul(this.low ^ word, 0xcc9e2d51);
    this.low = (this.low << 15) | (this.low >>> 17);
    this.high = Math.imul(this.high ^ this.low, 0x1b873593);
    this.high = ((this.high << 13) | (this.high >>> 19)) + 0x52dce729;
  }
}
