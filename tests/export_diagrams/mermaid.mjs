// Parses and draws the flowcharts named on the command line with Mermaid, without a browser: prints one line of JSON for each.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const parts = process.env.PLIMSOLL_TEST_DIAGRAMS;
const require = createRequire(`${parts}/package.json`);
const { JSDOM } = require('jsdom');
const dom = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true });
const { window } = dom;
Object.assign(globalThis, { window, document: window.document });
for (const name of ['Element', 'HTMLElement', 'SVGElement', 'Node', 'DOMParser', 'XMLSerializer', 'CSSStyleSheet']) {
    if (window[name]) globalThis[name] = window[name];
}
globalThis.CSSStyleSheet ??= class { insertRule() {} replaceSync() {} get cssRules() { return []; } };
// jsdom lays nothing out: what it cannot measure has the size of its text.
const size = (element) => {
    const lines = (element.textContent ?? '').length;
    return { x: 0, y: 0, width: 8 * lines + 10, height: 20 };
};
window.SVGElement.prototype.getBBox = function () { return size(this); };
window.SVGElement.prototype.getComputedTextLength = function () { return size(this).width; };
window.Element.prototype.getBoundingClientRect = function () {
    const box = size(this);
    return { ...box, left: 0, top: 0, right: box.width, bottom: box.height };
};
const { default: mermaid } = await import(pathToFileURL(require.resolve('mermaid').replace(/mermaid\.core\.mjs$/, 'mermaid.esm.min.mjs')).href).catch(
    () => import(pathToFileURL(`${parts}/node_modules/mermaid/dist/mermaid.core.mjs`).href));
mermaid.initialize({ startOnLoad: false, maxTextSize: 10_000_000, maxEdges: 100_000, htmlLabels: false, flowchart: { htmlLabels: false } });
for (const file of process.argv.slice(2)) {
    const text = readFileSync(file, 'utf8');
    const parsed = await mermaid.parse(text);
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
    const { db } = diagram;
    const vertices = [...db.getVertices().values()];
    // Without a browser drawing takes long: what is large is parsed alone.
    const large = vertices.length > 200;
    const svg = large ? '' : (await mermaid.render(`d${process.argv.indexOf(file)}`, text)).svg;
    writeFileSync(`${file}.svg`, svg);
    console.log(JSON.stringify({
        type: parsed.diagramType,
        title: db.getDiagramTitle?.() ?? '',
        nodes: vertices.length,
        labels: vertices.map((vertex) => vertex.text),
        groups: db.getSubGraphs().map((group) => group.title),
        edges: db.getEdges().length,
        drawn: large ? null : (svg.match(/class="[^"]*\bnode\b/g) ?? []).length,
    }));
}
process.exit(0);
