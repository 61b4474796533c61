import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { discounts } from '../api/client';
import { fieldErrors } from '../api/problem';
import { unwrap } from '../api/transport';
import { currenciesQuery } from '../shop/queries';
import { Confirm } from '../ui/Confirm';
import { Form } from '../ui/Form';
import { Submit } from '../ui/Submit';
import { ErrorState } from '../ui/states';
import { ChangedNotice } from './ChangedNotice';
import { ifMatch } from './edit';
import { effectText } from './effect';
import { PROMOTION_POINTERS, PromotionFields } from './PromotionFields';
import { currentPromotion, type ReadPromotion } from './promotions';
import { readTerms, termChanges, termValues, valuesIn, withTermChanges } from './terms';

/** Adds a promotion or changes the one that was read. A later read does not change the form. */
export function PromotionForm({ read }: { read?: ReadPromotion }) {
  const currencies = useQuery(currenciesQuery);
  if (currencies.data === undefined) {
    return currencies.isError && <ErrorState error={currencies.error} retry={() => void currencies.refetch()} />;
  }
  return <Editor read={read} currency={currencies.data.shop} />;
}

function Editor({ read, currency }: { read: ReadPromotion | undefined; currency: string }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [base, setBase] = useState(read);
  const [values, setValues] = useState(() => termValues(read?.promotion.terms, currency));
  const done = async () => {
    for (const key of ['promotions', 'prices', 'quote']) await client.invalidateQueries({ queryKey: [key] });
    navigate('/staff/promotions');
  };
  const saving = useMutation({
    mutationFn: async ({ form, over }: { form: FormData; over: ReadPromotion | undefined }) => {
      const body = readTerms(valuesIn(form), currency, base?.promotion.terms);
      if (over === undefined) return unwrap(discounts.POST('/promotions', { body }));
      const params = { path: { id: over.promotion.id }, header: ifMatch(over) };
      return unwrap(discounts.PUT('/promotions/{id}', { params, body }));
    },
    onSuccess: done,
  });
  const removing = useMutation({
    mutationFn: (read: ReadPromotion) => {
      const params = { path: { id: read.promotion.id }, header: ifMatch(read) };
      return unwrap(discounts.DELETE('/promotions/{id}', { params }));
    },
    onSuccess: done,
  });
  const previewing = useMutation({
    mutationFn: (form: FormData) => {
      const body = readTerms(valuesIn(form), currency, base?.promotion.terms);
      const query = base === undefined ? {} : { replaces: base.promotion.id };
      return unwrap(discounts.POST('/promotions/effect', { params: { query }, body }));
    },
  });
  const current = currentPromotion(saving.error) ?? currentPromotion(removing.error);
  const load = (form: FormData, base: ReadPromotion, current: ReadPromotion) => {
    setValues(withTermChanges(valuesIn(form), base.promotion.terms, current.promotion.terms, currency));
    setBase(current);
    saving.reset();
    removing.reset();
  };

  return (
    <Form
      error={saving.error ?? removing.error ?? previewing.error}
      fields={PROMOTION_POINTERS}
      onSubmit={(form) => {
        previewing.reset();
        if (!saving.isPending) saving.mutate({ form, over: base });
      }}
      className="form promotion-form"
      words={
        base &&
        current && (
          <ChangedNotice
            what="promotion"
            changes={termChanges(base.promotion.terms, current.promotion.terms, currency)}
            onLoad={(form) => load(form, base, current)}
            onSave={saving.isError ? (form) => saving.mutate({ form, over: current }) : undefined}
          />
        )
      }
    >
      {/* An effect is shown only for the terms that the form has now. */}
      <div className="promotion-fields" onInput={() => previewing.reset()}>
        <PromotionFields
          key={base?.etag}
          values={values}
          errors={fieldErrors(saving.error ?? previewing.error)}
          currency={currency}
        />
      </div>
      <p role="status">{previewing.data && effectText(previewing.data)}</p>
      <div className="form-end">
        <Submit busy={saving.isPending}>{base === undefined ? 'Add the promotion' : 'Save'}</Submit>
        <button
          type="button"
          className="button"
          aria-disabled={previewing.isPending}
          onClick={({ currentTarget: { form } }) => {
            if (form === null || previewing.isPending) return;
            saving.reset();
            previewing.mutate(new FormData(form));
          }}
        >
          Show the effect on the last orders
        </button>
        {base !== undefined && (
          <Confirm
            button="Delete promotion"
            question="Delete this promotion?"
            yes="Yes, delete it"
            no="Keep it"
            busy={removing.isPending}
            onYes={() => removing.mutate(base)}
          >
            {`${base.promotion.terms.name} no longer applies. Orders that use it keep their price. This cannot be undone.`}
          </Confirm>
        )}
      </div>
    </Form>
  );
}
