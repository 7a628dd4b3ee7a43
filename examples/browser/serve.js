// Serves the page beside it, with the modules and the decoder that it loads; speech comes from a Linnet server.
//   linnet export-decoder -o decoder
//   linnet serve &
//   node examples/browser/serve.js decoder 8090 http://127.0.0.1:8080
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';

const [decoder = 'decoder', port = '8090', speech = 'http://127.0.0.1:8080'] =
  process.argv.slice(2);
const folderOf = (module) => dirname(fileURLToPath(import.meta.resolve(module)));
const modules = join(folderOf('linnet/browser'), '..');

const app = express();
app.use((request, response, next) => {
  // with these a page may have threads, and onnxruntime-web uses several
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  next();
});
app.use(express.static(dirname(fileURLToPath(import.meta.url))));
for (const name of ['browser', 'codecs', 'base']) {
  app.use(`/linnet/${name}`, express.static(join(modules, name)));
}
app.use('/onnxruntime-web', express.static(folderOf('onnxruntime-web/wasm')));
app.use('/decoder', express.static(decoder));
// the page asks for speech here, so that neither server needs to know the other's origin
app.post('/v1/audio/speech', express.json(), async (request, response) => {
  const left = new AbortController();
  response.on('close', () => left.abort());
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify(request.body);
  const options = { method: 'POST', headers, body, signal: left.signal };
  const answer = await fetch(`${speech}/v1/audio/speech`, options).catch(() => undefined);
  if (answer === undefined) {
    response.status(502).json({ error: { message: `No Linnet server answers at ${speech}.` } });
    return;
  }
  response.status(answer.status).type(answer.headers.get('content-type') ?? 'application/json');
  await pipeline(Readable.fromWeb(answer.body), response).catch(() => undefined);
});
const server = app.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
