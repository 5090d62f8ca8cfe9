/** What a report looks like: one column that fits a phone; tables scroll inside their own frame. */
export const REPORT_CSS = `
:root { color-scheme: light; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; }
main { max-width: 860px; margin: 0 auto; padding: 12px 14px 60px; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 2.6rem; border-top: 2px solid #1b1b1b; padding-top: .8rem; }
h2 small { font-weight: normal; color: #555; font-size: .8rem; } h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
figure { margin: 0; } figcaption { color: #444; font-size: .9rem; }
.chart { width: 100%; min-height: 280px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; }
th, td { text-align: left; padding: 3px 9px 3px 0; border-bottom: 1px solid #ddd; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.verdicts { padding-left: 1.1rem; } .verdicts b { padding: 1px 7px; border-radius: 3px; color: #fff; font-size: .85rem; white-space: nowrap; }
.held { background: #00694c; } .failed { background: #a64200; } .open { background: #5c5c5c; }
.note { background: #fff3d6; padding: 4px 8px; } .how { font-size: .85rem; color: #444; overflow-wrap: anywhere; }
dt { font-family: ui-monospace, monospace; font-size: .85rem; } dd { margin: 0 0 .3rem 1rem; font-size: .9rem; }
#tip { position: fixed; pointer-events: none; background: #1b1b1b; color: #fff; font-size: .8rem; padding: 4px 8px; border-radius: 3px; white-space: pre; display: none; z-index: 2; }
a { color: #0057a3; }
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
      ? Object.entries(value).map(([name, v]) => (name.trim() === '' ? v : name + ': ' + v)).join('\\n')
      : String(value);
    tip.style.display = 'block';
    tip.style.left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 4) + 'px';
    tip.style.top = (event.clientY + 14) + 'px';
  }
  window.velumErrors = [];
  const views = [];
  for (const place of document.querySelectorAll('.chart')) {
    try {
      const view = new vega.View(vega.parse(specs[Number(place.dataset.spec)]), { renderer: 'svg', container: place, hover: true, logLevel: vega.Warn });
      view.tooltip(showTip);
      views.push(view.runAsync());
    } catch (error) {
      window.velumErrors.push(String(error));
      place.textContent = 'This chart could not be drawn: ' + error;
    }
  }
  Promise.all(views).then(() => { document.documentElement.dataset.drawn = String(views.length); });
})();
`;
