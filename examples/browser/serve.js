// Serves the page beside it, with the modules and the decoder that it loads.
//   linnet export-decoder -o decoder
//   node examples/browser/serve.js decoder 8090
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';

const [decoder = 'decoder', port = '8090'] = process.argv.slice(2);
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
const server = app.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
