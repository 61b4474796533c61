// Shows the routes of all running services on one page, from their OpenAPI documents.

const SERVICES = ['users', 'catalog', 'discounts', 'orders', 'operations', 'payments', 'deliveries'];

const INTRODUCTION = `Register, log in, and enter the \`access_token\` at *Authorize*. You can then try each route with
its example values. \`POST /orders\` returns the id of the order.

The documents, for generating clients: ${SERVICES.map(
  (name) => `[${name}.json](/api/openapi/${name}.json)`,
).join(', ')}; [asyncapi.yaml](/docs/asyncapi.yaml) for the WebSocket. Every error is described in [Problems](/docs/problems.md).`;

async function json(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.json();
}

/** Merges the documents into one. Shared schemas, such as the one of a problem, are equal in all documents. */
function merge(documents) {
  const all = (pick) => Object.assign({}, ...documents.map((document) => pick(document) ?? {}));
  return {
    openapi: documents[0].openapi,
    info: { title: 'Orderflow', version: documents[0].info.version, description: INTRODUCTION },
    servers: documents[0].servers,
    tags: documents.flatMap((document) => document.tags ?? []),
    paths: Object.assign({}, ...documents.map(pathsWithSecurity)),
    components: {
      schemas: all((document) => document.components.schemas),
      securitySchemes: all((document) => document.components.securitySchemes),
    },
  };
}

/** Copies a document-wide `security` to each route, because the merged document has none. */
function pathsWithSecurity({ paths, security }) {
  if (security) {
    for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) operation.security ??= security;
  }
  return paths;
}

/**
 * Sets examples that can be sent as they are. The services' documents do not know the products of this shop. Ids of
 * orders and users stay empty, because only an answer contains them.
 */
function withExamples(document, product) {
  const { schemas } = document.components;
  for (const name of ['OrderId', 'UserId']) delete schemas[name].example;
  if (!product) return document;
  schemas.ProductId.example = product.id;
  // Optional members are left out, because a wrong `expected_total` would reject the order.
  schemas.PlaceOrder.example = { items: [{ product_id: product.id, quantity: 2 }], payment_method: 'pm_card_visa' };
  for (const [path, operations] of Object.entries(document.paths)) {
    if (!path.startsWith('/products/{id}')) continue;
    for (const operation of Object.values(operations)) {
      for (const parameter of operation.parameters ?? []) if (parameter.name === 'id') parameter.example = product.id;
    }
  }
  return document;
}

const routes = document.querySelector('#routes');
try {
  const documents = await Promise.all(SERVICES.map((name) => json(`/api/openapi/${name}.json`)));
  const products = await json('/api/products?limit=1').catch(() => ({ items: [] }));
  globalThis.SwaggerUIBundle({
    spec: withExamples(merge(documents), products.items[0]),
    domNode: routes,
    deepLinking: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: -1,
    validatorUrl: null,
  });
} catch (error) {
  routes.textContent = `The services' documents are not available now (${error.message}). Please try again in a moment.`;
}
