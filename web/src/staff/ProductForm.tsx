import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { catalog, type Product } from '../api/client';
import { fieldErrors } from '../api/problem';
import { unwrap } from '../api/transport';
import { text } from '../checkout/address';
import { currenciesQuery } from '../shop/queries';
import { Confirm } from '../ui/Confirm';
import { amountText } from '../ui/format';
import { Field, TextArea } from '../ui/Field';
import { Form } from '../ui/Form';
import { Submit } from '../ui/Submit';
import { ErrorState } from '../ui/states';
import { readDraft } from './draft';

/** Adds a product or changes this one. */
export function ProductForm({ product }: { product?: Product }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const done = async () => {
    await client.invalidateQueries({ queryKey: ['products'] });
    navigate('/staff/products');
  };
  const saving = useMutation({
    mutationFn: async ({ form, currency }: { form: FormData; currency: string }) => {
      const body = readDraft((field) => text(form, field), currency);
      return product === undefined
        ? unwrap(catalog.POST('/products', { body }))
        : unwrap(catalog.PUT('/products/{id}', { params: { path: { id: product.id } }, body }));
    },
    onSuccess: done,
  });
  const removing = useMutation({
    mutationFn: (id: string) => unwrap(catalog.DELETE('/products/{id}', { params: { path: { id } } })),
    onSuccess: done,
  });
  const errors = fieldErrors(saving.error);
  const currencies = useQuery(currenciesQuery);
  if (currencies.data === undefined) {
    return currencies.isError && <ErrorState error={currencies.error} retry={() => void currencies.refetch()} />;
  }
  const currency = currencies.data.shop;
  // The shop may have had another currency when this price was set.
  const price = product?.price.currency === currency ? product.price : undefined;

  return (
    <Form
      error={saving.error ?? removing.error}
      fields={['/sku', '/name', '/description', '/category', '/price', '/price/amount_minor']}
      onSubmit={(form) => !saving.isPending && saving.mutate({ form, currency })}
      className="form"
    >
      <Field label="Name" name="name" defaultValue={product?.name} error={errors.get('/name')} />
      <TextArea
        label="Description"
        name="description"
        rows={4}
        defaultValue={product?.description}
        error={errors.get('/description')}
      />
      <div className="field-row">
        <Field label="SKU" name="sku" defaultValue={product?.sku} error={errors.get('/sku')} />
        <Field label="Category" name="category" defaultValue={product?.category} error={errors.get('/category')} />
        <Field
          label={`Price in ${currency}`}
          name="price"
          inputMode="decimal"
          defaultValue={price && amountText(price)}
          error={errors.get('/price/amount_minor') ?? errors.get('/price')}
        />
      </div>
      <div className="form-end">
        <Submit busy={saving.isPending}>{product === undefined ? 'Add the product' : 'Save'}</Submit>
        {product !== undefined && (
          <Confirm
            button="Delete product"
            question="Delete this product?"
            yes="Yes, delete it"
            no="Keep it"
            busy={removing.isPending}
            onYes={() => removing.mutate(product.id)}
          >
            {`${product.name} is no longer sold. Earlier orders still show it. This cannot be undone.`}
          </Confirm>
        )}
      </div>
    </Form>
  );
}
