import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// `npm run dev` replaces the gateway: it has the same paths to the same services (deploy/Caddyfile).
// The default addresses are those of `./dev up`. These variables change them.
const users = process.env.USER_SERVICE_URL ?? 'http://127.0.0.1:8081';
const catalog = process.env.CATALOG_SERVICE_URL ?? 'http://127.0.0.1:8082';
const discounts = process.env.DISCOUNT_SERVICE_URL ?? 'http://127.0.0.1:8088';
const orders = process.env.ORDER_SERVICE_URL ?? 'http://127.0.0.1:8083';
const deliveries = process.env.DELIVERY_SERVICE_URL ?? 'http://127.0.0.1:8089';
const payments = process.env.PAYMENT_WORKER_URL ?? 'http://127.0.0.1:8085';
const operations = process.env.OPERATIONS_SERVICE_URL ?? 'http://127.0.0.1:8087';

const withoutPrefix = (target: string) => ({
  target,
  rewrite: (path: string) => path.replace(/^\/api/, ''),
});

/** Adds Swagger UI to the build. The gateway serves it with the API documents. */
function swaggerUi(): Plugin {
  const require = createRequire(import.meta.url);
  return {
    name: 'swagger-ui',
    generateBundle() {
      for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
        const source = readFileSync(require.resolve(`swagger-ui-dist/${file}`));
        this.emitFile({ type: 'asset', fileName: `swagger-ui/${file}`, source });
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), swaggerUi()],
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api/products': withoutPrefix(catalog),
      '/api/currencies': withoutPrefix(catalog),
      '/api/quote': withoutPrefix(discounts),
      '/api/prices': withoutPrefix(discounts),
      '/api/promotions': withoutPrefix(discounts),
      '/api/orders': withoutPrefix(orders),
      '/api/deliveries': withoutPrefix(deliveries),
      '/api/carrier/events': withoutPrefix(deliveries),
      '/api/charges': withoutPrefix(payments),
      '/api/provider/charges': withoutPrefix(payments),
      '/api/queues': withoutPrefix(operations),
      '/api/parked': withoutPrefix(operations),
      '/api': withoutPrefix(users),
      '/ws': { target: orders, ws: true },
    },
  },
  build: {
    // Disabled, because data URLs would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    include: ['src/**/*.test.ts'],
  },
});
