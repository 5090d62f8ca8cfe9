/** A JSON value with one leaf changed, and where that leaf is. */
export interface ChangedJson {
  readonly where: string;
  readonly json: unknown;
}

/**
 * Every way to change one leaf of a JSON value and keep its type: numbers go up by one, booleans turn over, texts get another
 * character at their begin, middle and end, `null` becomes a text, an empty list gets an element.
 */
export function* changedLeaves(json: unknown, where = '$'): Generator<ChangedJson> {
  if (Array.isArray(json)) {
    if (json.length === 0) yield { where, json: ['0'] };
    for (const [i, value] of json.entries())
      for (const changed of changedLeaves(value, `${where}[${i}]`))
        yield { where: changed.where, json: json.with(i, changed.json) };
  } else if (typeof json === 'object' && json !== null) {
    for (const [key, value] of Object.entries(json))
      for (const changed of changedLeaves(value, `${where}.${key}`))
        yield { where: changed.where, json: { ...json, [key]: changed.json } };
  } else if (typeof json === 'number') yield { where, json: json + 1 };
  else if (typeof json === 'boolean') yield { where, json: !json };
  else if (json === null) yield { where, json: '0' };
  else for (const text of changedTexts(String(json))) yield { where, json: text };
}

function changedTexts(text: string): Set<string> {
  if (text === '') return new Set(['0']);
  const places = [0, Math.floor(text.length / 2), text.length - 1];
  return new Set(places.map((at) => text.slice(0, at) + another(text[at]!) + text.slice(at + 1)));
}

/** Another character of the same kind. */
function another(c: string): string {
  if (/[0-8a-eg-yA-Y]/.test(c)) return String.fromCharCode(c.charCodeAt(0) + 1);
  return c === '9' ? '1' : c === 'f' ? 'a' : c === 'z' ? 'y' : c === 'Z' ? 'Y' : '_';
}
