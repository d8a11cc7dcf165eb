// Compiles and renders the diagrams named on the command line with D2: prints one line of JSON for each.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const part = `${process.env.PLIMSOLL_TEST_DIAGRAMS}/node_modules/@terrastruct/d2/dist/node-esm/index.js`;
const { D2 } = await import(pathToFileURL(part).href);
const d2 = new D2();
for (const file of process.argv.slice(2)) {
    // Its own layout gives up on five hundred nodes in groups; elk takes them.
    const layout = file.endsWith('five-hundred') ? 'elk' : 'dagre';
    const compiled = await d2.compile({ fs: { index: readFileSync(file, 'utf8') }, options: { layout } });
    const svg = await d2.render(compiled.diagram, { ...compiled.renderOptions, noXMLTag: true });
    writeFileSync(`${file}.svg`, svg);
    console.log(JSON.stringify({
        shapes: compiled.diagram.shapes.map((shape) => ({ id: shape.id, label: shape.label, tooltip: shape.tooltip })),
        edges: compiled.diagram.connections.length,
        drawn: svg.length,
    }));
}
process.exit(0);
