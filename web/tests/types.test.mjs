import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(new URL('../scripts/generate-api.mjs', import.meta.url));
const skip = process.env.USER_SERVICE_URL === undefined ? 'the services are not named' : false;

test('the types of the API are those of the services', { skip }, async () => {
  await promisify(execFile)(process.execPath, [script, '--check']);
});
