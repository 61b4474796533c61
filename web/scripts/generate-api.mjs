// Generates the types of the services' HTTP APIs from the OpenAPI documents of running services:
// `./dev up`, then `npm run api`. With `--check` it only compares the existing types.
// The default addresses are those of `./dev up`. These variables change them.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const HEAD = '// Written by `npm run api`; not edited by hand.\n\n';
const services = {
  users: process.env.USER_SERVICE_URL ?? 'http://127.0.0.1:8081',
  catalog: process.env.CATALOG_SERVICE_URL ?? 'http://127.0.0.1:8082',
  discounts: process.env.DISCOUNT_SERVICE_URL ?? 'http://127.0.0.1:8088',
  orders: process.env.ORDER_SERVICE_URL ?? 'http://127.0.0.1:8083',
  deliveries: process.env.DELIVERY_SERVICE_URL ?? 'http://127.0.0.1:8089',
  operations: process.env.OPERATIONS_SERVICE_URL ?? 'http://127.0.0.1:8087',
};
const check = process.argv.includes('--check');

for (const [name, address] of Object.entries(services)) {
  const types = await openapiTS(new URL('/openapi.json', address));
  await generated(`${name}.d.ts`, astToString(types), address);
}
await generated('countries.ts', await countries(services.orders), services.orders);

/** Types do not exist at run time, so the country codes of the form are generated as values. */
async function countries(address) {
  const document = await (await fetch(new URL('/openapi.json', address))).json();
  const codes = document.components.schemas.CountryCode.enum.map((code) => `  '${code}',\n`);
  return `export const COUNTRY_CODES = [\n${codes.join('')}] as const;\n`;
}

async function generated(name, content, address) {
  const file = new URL(`../src/api/generated/${name}`, import.meta.url);
  const text = HEAD + content;
  if (!check) {
    await writeFile(file, text);
    console.log(`${name}: from ${address}`);
  } else if ((await readFile(file, 'utf8')) !== text) {
    console.error(`${name}: src/api/generated differs from ${address}; run \`npm run api\``);
    process.exitCode = 1;
  }
}
