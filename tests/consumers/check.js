// node check.js NODE_MODULES < LIST: a line of LIST is a file for speedscope, which its schema must
// accept; or a file with rows of -samples, a blank, and the sum that DuckDB must find. Prints a line
// for each file that is refused.
const fs = require('fs');
const modules = process.argv[2];
const load = name => require(`${modules}/${name}`);

const Ajv = load('ajv');
const schema = JSON.parse(fs.readFileSync(`${modules}/speedscope/dist/release/file-format-schema.json`));
const validate = new Ajv({unknownFormats: 'ignore'}).compile(schema);

function checkSpeedscope(file) {
  const doc = JSON.parse(fs.readFileSync(file));
  if (!validate(doc)) throw new Error(JSON.stringify(validate.errors[0]));
  for (const p of doc.profiles) {
    if (p.samples.length !== p.weights.length) throw new Error('samples and weights differ in number');
    if (p.samples.flat().some(i => i >= doc.shared.frames.length)) throw new Error('a frame is missing');
  }
}

async function checkSamples(connection, file, sum) {
  if (fs.statSync(file).size === 0) return;
  const query = `select coalesce(sum(value::hugeint), 0)::varchar from read_ndjson_auto('${file}')`;
  const got = (await connection.runAndReadAll(query)).getRows()[0][0];
  if (got !== sum) throw new Error(`DuckDB's sum is ${got}, not ${sum}`);
}

async function main() {
  const connection = await (await load('@duckdb/node-api').DuckDBInstance.create()).connect();
  for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(line => line)) {
    const [file, sum] = line.split(' ');
    try {
      if (sum) await checkSamples(connection, file, sum);
      else checkSpeedscope(file);
    } catch (e) {
      console.log(`${file}: ${e.message}`);
    }
  }
}

main().then(() => process.exit(0), e => {
  console.error(e);
  process.exit(1);
});
