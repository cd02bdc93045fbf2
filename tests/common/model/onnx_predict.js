// Predicts the rows of a CSV file with an ONNX model in ONNX Runtime, and prints what `minnow predict` prints.
//
//   node onnx_predict.js FOLDER_OF_NODE_MODULES MODEL.onnx DATA.csv
'use strict';
const fs = require('fs');
const [modules, modelFile, dataFile] = process.argv.slice(2);
const ort = require(require.resolve('onnxruntime-node', {paths: [modules]}));

// The fields of one line: each is what stands between commas, or between quotes, with quotes doubled.
function fields(line) {
  const found = [];
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    found.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  }
  return found;
}

function tensorOf(input, texts) {
  if (input.type === 'string') return new ort.Tensor('string', texts, [texts.length, 1]);
  return new ort.Tensor('float32', texts.map((text) => (text === '' ? NaN : Number(text))), [texts.length, 1]);
}

function field(value) {
  const text = String(value);
  return /[",]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

async function main() {
  const [header, ...rows] = fs.readFileSync(dataFile, 'utf8').trimEnd().split(/\r?\n/).map(fields);
  const session = await ort.InferenceSession.create(modelFile);
  const feeds = {};
  for (const input of session.inputMetadata) {
    const column = header.indexOf(input.name);
    if (column < 0) throw new Error(`there is no column ${input.name}`);
    feeds[input.name] = tensorOf(input, rows.map((row) => row[column]));
  }
  const results = await session.run(feeds);
  const answers = session.outputNames.map((name) => results[name]);
  console.log(session.outputNames.join(','));
  for (let row = 0; row < rows.length; ++row) {
    const cells = answers.map((tensor) => {
      const width = tensor.data.length / rows.length;
      return Array.from(tensor.data.slice(row * width, (row + 1) * width), field).join(',');
    });
    console.log(cells.join(','));
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
