// Writes the types of the services' HTTP APIs from the OpenAPI documents of services that run:
// `./dev up`, then `npm run api`. With `--check`, only says whether the types that are there are still right.
// The addresses are the usual ones unless these variables name others.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const HEAD = '// Written by `npm run api`; not edited by hand.\n\n';
const services = {
  users: process.env.USER_SERVICE_URL ?? 'http://127.0.0.1:8081',
  catalog: process.env.CATALOG_SERVICE_URL ?? 'http://127.0.0.1:8082',
  orders: process.env.ORDER_SERVICE_URL ?? 'http://127.0.0.1:8083',
  operations: process.env.OPERATIONS_SERVICE_URL ?? 'http://127.0.0.1:8087',
};
const check = process.argv.includes('--check');

for (const [name, address] of Object.entries(services)) {
  const types = await openapiTS(new URL('/openapi.json', address));
  await generated(`${name}.d.ts`, astToString(types), address);
}
await generated('countries.ts', await countries(services.orders), services.orders);

/** Types are gone when the page runs, so the codes that a form offers are written as values. */
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
    console.error(`${name}: src/api/generated is not what ${address} says; \`npm run api\` writes it anew`);
    process.exitCode = 1;
  }
}
