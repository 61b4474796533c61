import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { catalog } from '../api/client';
import { fieldErrors } from '../api/problem';
import { unwrap } from '../api/transport';
import { text } from '../checkout/address';
import { currenciesQuery } from '../shop/queries';
import { Confirm } from '../ui/Confirm';
import { Form } from '../ui/Form';
import { Submit } from '../ui/Submit';
import { ErrorState } from '../ui/states';
import { ChangedNotice } from './ChangedNotice';
import { readDraft } from './draft';
import { changes, currentOf, ifMatch, type Read, type Values, valuesOf, withChanges } from './edit';
import { ProductFields } from './ProductFields';

/** Adds a product or changes the one that was read. A later read does not change the form. */
export function ProductForm({ read }: { read?: Read }) {
  const currencies = useQuery(currenciesQuery);
  if (currencies.data === undefined) {
    return currencies.isError && <ErrorState error={currencies.error} retry={() => void currencies.refetch()} />;
  }
  return <Editor read={read} currency={currencies.data.shop} />;
}

function valuesIn(form: FormData): Values {
  return {
    name: text(form, 'name'),
    description: text(form, 'description'),
    sku: text(form, 'sku'),
    category: text(form, 'category'),
    price: text(form, 'price'),
  };
}

function Editor({ read, currency }: { read: Read | undefined; currency: string }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [base, setBase] = useState(read);
  const [values, setValues] = useState(() => valuesOf(read?.product, currency));
  const done = async () => {
    await client.invalidateQueries({ queryKey: ['products'] });
    await client.invalidateQueries({ queryKey: ['prices'] });
    navigate('/staff/products');
  };
  const saving = useMutation({
    mutationFn: async ({ form, over }: { form: FormData; over: Read | undefined }) => {
      const body = readDraft((field) => text(form, field), currency);
      if (over === undefined) return unwrap(catalog.POST('/products', { body }));
      const params = { path: { id: over.product.id }, header: ifMatch(over) };
      return unwrap(catalog.PUT('/products/{id}', { params, body }));
    },
    onSuccess: done,
  });
  const removing = useMutation({
    mutationFn: (read: Read) => {
      const params = { path: { id: read.product.id }, header: ifMatch(read) };
      return unwrap(catalog.DELETE('/products/{id}', { params }));
    },
    onSuccess: done,
  });
  const current = currentOf(saving.error) ?? currentOf(removing.error);
  const load = (form: FormData, base: Read, current: Read) => {
    setValues(withChanges(valuesIn(form), base.product, current.product, currency));
    setBase(current);
    saving.reset();
    removing.reset();
  };

  return (
    <Form
      error={saving.error ?? removing.error}
      fields={['/sku', '/name', '/description', '/category', '/price', '/price/amount_minor']}
      onSubmit={(form) => !saving.isPending && saving.mutate({ form, over: base })}
      className="form"
      words={
        base &&
        current && (
          <ChangedNotice
            what="product"
            changes={changes(base.product, current.product)}
            onLoad={(form) => load(form, base, current)}
            onSave={saving.isError ? (form) => saving.mutate({ form, over: current }) : undefined}
          />
        )
      }
    >
      <ProductFields key={base?.etag} values={values} errors={fieldErrors(saving.error)} currency={currency} />
      <div className="form-end">
        <Submit busy={saving.isPending}>{base === undefined ? 'Add the product' : 'Save'}</Submit>
        {base !== undefined && (
          <Confirm
            button="Delete product"
            question="Delete this product?"
            yes="Yes, delete it"
            no="Keep it"
            busy={removing.isPending}
            onYes={() => removing.mutate(base)}
          >
            {`${base.product.name} is no longer sold. Earlier orders still show it. This cannot be undone.`}
          </Confirm>
        )}
      </div>
    </Form>
  );
}
