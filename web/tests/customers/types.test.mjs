import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(new URL('../../scripts/generate-api.mjs', import.meta.url));
const skip = process.env.USER_SERVICE_URL === undefined ? 'USER_SERVICE_URL is not set' : false;

test('the generated API types match the services', { skip }, async () => {
  await promisify(execFile)(process.execPath, [script, '--check']);
});
