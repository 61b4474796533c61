import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` stands in for the gateway: the same paths lead to the same services (deploy/Caddyfile).
// The addresses are the usual ones of `./dev up` unless these variables name others.
const users = process.env.USER_SERVICE_URL ?? 'http://127.0.0.1:8081';
const catalog = process.env.CATALOG_SERVICE_URL ?? 'http://127.0.0.1:8082';
const orders = process.env.ORDER_SERVICE_URL ?? 'http://127.0.0.1:8083';
const operations = process.env.OPERATIONS_SERVICE_URL ?? 'http://127.0.0.1:8087';

const withoutPrefix = (target: string) => ({
  target,
  rewrite: (path: string) => path.replace(/^\/api/, ''),
});

export default defineConfig({
  plugins: [react()],
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api/products': withoutPrefix(catalog),
      '/api/orders': withoutPrefix(orders),
      '/api/queues': withoutPrefix(operations),
      '/api/parked': withoutPrefix(operations),
      '/api': withoutPrefix(users),
      '/ws': { target: orders, ws: true },
    },
  },
  build: {
    // Data URLs would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    include: ['src/**/*.test.ts'],
  },
});
