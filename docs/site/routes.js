// The routes of all services on one page, to be tried where they are: each service's own document, as it runs now.
// Swagger UI comes from a service, too, which has it for itself.

const SERVICES = ['users', 'catalog', 'orders', 'operations', 'payments'];

const INTRODUCTION = `Register, log in, and give the \`access_token\` to *Authorize*; then everything can be tried
with what is filled in. Orders have the id that \`POST /orders\` answers with.

The documents, for programs that make clients of them: ${SERVICES.map(
  (name) => `[${name}.json](/api/openapi/${name}.json)`,
).join(', ')}; [asyncapi.yaml](/docs/asyncapi.yaml) for the WebSocket. Every error has [its page](/docs/problems.md).`;

async function json(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.json();
}

/** One document of several. What they share, such as the form of a problem, is the same in each. */
function together(documents) {
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

/** A document may say once for all of its routes who may call them. */
function pathsWithSecurity({ paths, security }) {
  if (security) {
    for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) operation.security ??= security;
  }
  return paths;
}

/**
 * Examples that can be sent as they stand. The services' documents cannot know what this shop sells; and ids that only
 * an answer can tell are better left to be filled in.
 */
function withExamples(document, product) {
  const { schemas } = document.components;
  for (const name of ['OrderId', 'UserId']) delete schemas[name].example;
  if (!product) return document;
  schemas.ProductId.example = product.id;
  // Without the members that may be left out: a total that is not the real one has the order rejected.
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
    spec: withExamples(together(documents), products.items[0]),
    domNode: routes,
    deepLinking: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: -1,
    validatorUrl: null,
  });
} catch (error) {
  routes.textContent = `The services' documents cannot be had now (${error.message}). Please try again in a moment.`;
}
