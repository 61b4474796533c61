// Writes the types of the services' HTTP APIs from the OpenAPI documents of services that run:
// `./dev up`, then `npm run api`. With `--check`, only says whether the types that are there are still right.
// The addresses are the usual ones unless these variables name others.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const services = {
  users: process.env.USER_SERVICE_URL ?? 'http://127.0.0.1:8081',
  catalog: process.env.CATALOG_SERVICE_URL ?? 'http://127.0.0.1:8082',
  orders: process.env.ORDER_SERVICE_URL ?? 'http://127.0.0.1:8083',
  operations: process.env.OPERATIONS_SERVICE_URL ?? 'http://127.0.0.1:8087',
};
const check = process.argv.includes('--check');

for (const [name, address] of Object.entries(services)) {
  const types = await openapiTS(new URL('/openapi.json', address));
  const text = `// Written by \`npm run api\`; not edited by hand.\n\n${astToString(types)}`;
  const file = new URL(`../src/api/generated/${name}.d.ts`, import.meta.url);
  if (!check) {
    await writeFile(file, text);
    console.log(`${name}: from ${address}`);
  } else if ((await readFile(file, 'utf8')) !== text) {
    console.error(`${name}: src/api/generated is not what ${address} says; \`npm run api\` writes it anew`);
    process.exitCode = 1;
  }
}
