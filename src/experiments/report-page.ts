/** What a report looks like: one column that fits a phone; tables scroll inside their own frame. */
export const REPORT_CSS = `
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #444; --paper: #fff; --line: #ddd; --grid: #e4e4e4; --link: #0057a3; --note: #fff3d6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --soft: #b9b9b9; --paper: #17191c; --line: #3a3d42; --grid: #34373c; --link: #7dbcf5; --note: #453a1c; }
  .chart svg { background: transparent !important; }
  .chart svg text { fill: var(--ink) !important; }
  .chart svg .role-axis-grid line { stroke: var(--grid) !important; }
  .chart svg .role-axis-domain line, .chart svg .role-axis-tick line { stroke: var(--soft) !important; }
  .chart svg line[stroke="#333333"] { stroke: var(--soft) !important; }
  .chart svg :is(path, line)[stroke="#0072B2"] { stroke: #3f8fd9; } .chart svg path[fill="#0072B2"] { fill: #3f8fd9; }
  .chart svg :is(path, line)[stroke="#56B4E9"] { stroke: #b5e6ff; } .chart svg path[fill="#56B4E9"] { fill: #b5e6ff; }
  .chart svg :is(path, line)[stroke="#666666"] { stroke: #a6a6a6; } .chart svg path[fill="#666666"] { fill: #a6a6a6; }
}
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 860px; margin: 0 auto; padding: 12px 14px 60px; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 2.6rem; border-top: 2px solid var(--ink); padding-top: .8rem; }
h2 small { font-weight: normal; color: var(--soft); font-size: .8rem; } h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
p, li, figcaption { overflow-wrap: anywhere; } figure { margin: 0; } figcaption { color: var(--soft); font-size: .9rem; }
.anchor { text-decoration: none; color: var(--soft); } figure:target h3 { background: var(--note); }
.saves { margin: .2rem 0; font-size: .8rem; color: var(--soft); } .saves button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 3px; padding: 1px 8px; cursor: pointer; }
.chart { width: 100%; min-height: 280px; }
.wide, pre { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; }
th, td { text-align: left; padding: 3px 9px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.verdicts { padding-left: 1.1rem; } .verdicts b { padding: 1px 7px; border-radius: 3px; color: #fff; font-size: .85rem; white-space: nowrap; }
.verdicts small { color: var(--soft); }
.held { background: #00694c; } .failed { background: #a64200; } .open { background: #5c5c5c; }
.note { background: var(--note); padding: 4px 8px; } .how { font-size: .85rem; color: var(--soft); }
dt { font-family: ui-monospace, monospace; font-size: .85rem; } dd { margin: 0 0 .3rem 1rem; font-size: .9rem; }
#tip { position: fixed; pointer-events: none; background: #1b1b1b; color: #fff; font-size: .8rem; padding: 4px 8px; border-radius: 3px; white-space: pre; display: none; z-index: 2; }
a { color: var(--link); }
`;

/** Draws the charts: Vega views as wide as their place, drawn anew when it changes; values under the pointer. */
export const REPORT_SCRIPT = `
(function () {
  const specs = JSON.parse(document.getElementById('specs').textContent);
  const tip = document.createElement('div');
  tip.id = 'tip';
  document.body.append(tip);
  function showTip(handler, event, item, value) {
    if (value === null || value === undefined || value === '') { tip.style.display = 'none'; return; }
    tip.textContent = typeof value === 'object'
      ? Object.entries(value).filter(([, v]) => v !== '').map(([name, v]) => (name.trim() === '' ? v : name + ': ' + v)).join('\\n')
      : String(value);
    tip.style.display = 'block';
    tip.style.left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 4) + 'px';
    tip.style.top = (event.clientY + 14) + 'px';
  }
  function save(name, href) {
    const link = document.createElement('a');
    link.download = name;
    link.href = href;
    link.click();
  }
  const asFile = (text, type) => URL.createObjectURL(new Blob([text], { type }));
  function cell(value) {
    const text = value === null || value === undefined ? '' : String(value);
    return /[",\\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }
  // The rows that are drawn: of its data the table with most of them.
  function drawnRows(spec) {
    const tables = (spec.data || []).map((each) => each.values).filter(Array.isArray);
    return tables.reduce((most, each) => (each.length > most.length ? each : most), []);
  }
  function csvOf(rows) {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((line) => line.map(cell).join(',')).join('\\n') + '\\n';
  }
  function offer(place, view, spec) {
    const name = place.dataset.name;
    const ways = {
      csv: async () => save(name + '.csv', asFile(csvOf(drawnRows(spec)), 'text/csv')),
      svg: async () => save(name + '.svg', asFile(await view.toSVG(), 'image/svg+xml')),
      png: async () => save(name + '.png', await view.toImageURL('png', 2)),
    };
    for (const button of place.parentElement.querySelectorAll('[data-save]'))
      button.addEventListener('click', () => void ways[button.dataset.save]());
  }
  window.velumErrors = [];
  const views = [];
  for (const place of document.querySelectorAll('.chart')) {
    try {
      const spec = specs[Number(place.dataset.spec)];
      const view = new vega.View(vega.parse(spec), { renderer: 'svg', container: place, hover: true, logLevel: vega.Warn });
      view.tooltip(showTip);
      offer(place, view, spec);
      views.push(view.runAsync());
    } catch (error) {
      window.velumErrors.push(String(error));
      place.textContent = 'This chart could not be drawn: ' + error;
    }
  }
  Promise.all(views).then(() => { document.documentElement.dataset.drawn = String(views.length); });
})();
`;
