import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Delivery } from '../api/client';
import { fieldErrors } from '../api/problem';
import { ADDRESS_FIELDS, text } from '../checkout/address';
import { AddressFields } from '../checkout/AddressFields';
import { countryName } from '../checkout/countries';
import { usePollInterval } from '../live/useLive';
import { Steps } from '../orders/Timeline';
import { dateTime } from '../ui/format';
import { Form } from '../ui/Form';
import { ErrorState } from '../ui/states';
import { Submit } from '../ui/Submit';
import { type Address, changeAddress, deliveryQuery } from './queries';
import { parcelSteps, whereabouts } from './words';

/** The parcel of a completed order, live. */
export function Parcel({ orderId, isOwner }: { orderId: string; isOwner: boolean }) {
  const refetchInterval = usePollInterval();
  const delivery = useQuery({ ...deliveryQuery(orderId), refetchOnMount: 'always', refetchInterval });
  // The delivery begins a moment after the order is completed. The socket says when.
  if (delivery.data === null || delivery.isPending) return null;
  return (
    <section className="panel parcel" aria-labelledby="parcel">
      <h2 id="parcel">Parcel</h2>
      {delivery.data === undefined ? (
        <ErrorState error={delivery.error} retry={() => void delivery.refetch()} />
      ) : (
        <Progress delivery={delivery.data} isOwner={isOwner} />
      )}
    </section>
  );
}

function Progress({ delivery, isOwner }: { delivery: Delivery; isOwner: boolean }) {
  const { address, address_is_open, shipped_at, delivered_at, parcel, status } = delivery;
  const steps = parcelSteps(delivery).map((step) => ({ ...step, key: step.label }));
  return (
    <>
      <p className="parcel-now" role="status" data-delivery={status}>
        {whereabouts(delivery)}
      </p>
      <Steps steps={steps} className="timeline timeline-parcel" />
      <dl className="details">
        {parcel && (
          <>
            <dt>Parcel number</dt>
            <dd className="number">{parcel}</dd>
          </>
        )}
        {shipped_at && (
          <>
            <dt>Shipped</dt>
            <dd>{dateTime(shipped_at)}</dd>
          </>
        )}
        {delivered_at && (
          <>
            <dt>Delivered</dt>
            <dd>{dateTime(delivered_at)}</dd>
          </>
        )}
        {address && (
          <>
            <dt>To</dt>
            <dd dir="auto">
              {address.name}, {address.street}, {address.postal_code} {address.city}, {countryName(address.country)}
            </dd>
          </>
        )}
      </dl>
      {isOwner && address_is_open && <ChangeAddress delivery={delivery} />}
    </>
  );
}

function ChangeAddress({ delivery: { order_id, address } }: { delivery: Delivery }) {
  const [isOpen, setOpen] = useState(!address);
  const client = useQueryClient();
  const change = useMutation(changeAddress(client, order_id));
  const errors = new Map(
    [...fieldErrors(change.error)].map(([pointer, detail]) => [`/shipping_address${pointer}`, detail]),
  );
  if (!isOpen) {
    return (
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Change the address
      </button>
    );
  }
  return (
    <Form
      error={change.error}
      fields={ADDRESS_FIELDS.map((field) => `/${field}`)}
      onSubmit={(form) => {
        if (change.isPending) return;
        const entries = ADDRESS_FIELDS.map((field) => [field, text(form, field)]);
        change.mutate(Object.fromEntries(entries) as Address, { onSuccess: () => setOpen(false) });
      }}
      className="form"
    >
      <AddressFields errors={errors} />
      <Submit busy={change.isPending}>{address ? 'Change the address' : 'Send it to this address'}</Submit>
    </Form>
  );
}
