// A control: the least that node:http can do for the trivial work, in one process and without Python.
import { createServer } from 'node:http';

function label(features) {
  if (features[2] < 2.5) return 'setosa';
  return features[3] < 1.75 ? 'versicolor' : 'virginica';
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { features } = JSON.parse(Buffer.concat(chunks).toString());
    const body = Buffer.from(JSON.stringify({ label: label(features) }));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
});
server.listen(Number(process.env.BENCH_PORT), '127.0.0.1');
