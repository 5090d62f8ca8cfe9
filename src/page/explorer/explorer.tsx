/** What happens on the chain. */
export function Explorer() {
  return <p>…</p>;
}
