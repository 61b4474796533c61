-- One shipment for each completed order, the carrier's reports about it, and the events that announce its status.

CREATE TABLE shipments (
    order_id       uuid        PRIMARY KEY,
    user_id        uuid        NOT NULL,
    status         text        NOT NULL DEFAULT 'created' CONSTRAINT shipments_status_known CHECK (status IN
        ('created', 'shipped', 'in_transit', 'out_for_delivery', 'delivered', 'lost', 'returned')),
    -- Counts the changes of the status, and so the rows of delivery_events.
    version        integer     NOT NULL DEFAULT 1,
    -- NULL until the customer gives one. Read and written only as a whole.
    address        jsonb,
    -- The carrier's number of the parcel. NULL until the carrier has it.
    parcel         text        UNIQUE,
    -- The carrier may have been asked to take the parcel, so the address must not change any more.
    handover_begun boolean     NOT NULL DEFAULT false,
    -- Why the carrier did not take the parcel, in its own words.
    refusal        text,
    promised_from  date        NOT NULL,
    promised_to    date        NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    shipped_at     timestamptz,
    delivered_at   timestamptz,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    -- The next hand-over or question to the carrier. NULL if there is none: the address is missing, or the delivery has
    -- ended.
    due_at         timestamptz,
    -- The number of tasks since the last progress. The intervals between tasks grow with it.
    tries          smallint    NOT NULL DEFAULT 0,
    CONSTRAINT shipments_moved_have_a_parcel CHECK (status = 'created' OR parcel IS NOT NULL)
)
-- Each status is an update.
WITH (fillfactor = 70);

CREATE INDEX shipments_due ON shipments (due_at) WHERE due_at IS NOT NULL;
-- The lists of staff.
CREATE INDEX shipments_by_status ON shipments (status, order_id);
CREATE INDEX shipments_under_way ON shipments (promised_to, order_id)
    WHERE status IN ('created', 'shipped', 'in_transit', 'out_for_delivery');

-- The carrier's reports, from webhooks and from answers. The carrier repeats them and changes their order.
CREATE TABLE reports (
    id          text        PRIMARY KEY, -- the carrier's id of the event
    order_id    uuid        NOT NULL REFERENCES shipments,
    status      text        NOT NULL,    -- the carrier's name, which this release may not know
    at          timestamptz NOT NULL,    -- as the carrier says
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reports_of_order ON reports (order_id, at);

-- How far the search for completed orders without a shipment has come: orders up to this time were compared.
CREATE TABLE searches (
    name       text        PRIMARY KEY,
    reached_at timestamptz NOT NULL
);

-- The tables of common/storage/src/outbox.sql.
CREATE TABLE delivery_events (
    id          uuid    NOT NULL,
    order_id    uuid    NOT NULL,
    version     integer NOT NULL,
    body        json    NOT NULL, -- the body of the message
    traceparent text,             -- of the request that caused the event
    PRIMARY KEY (order_id, version)
);
CREATE TABLE outbox (
    order_id     uuid        NOT NULL,
    version      integer     NOT NULL,
    telling      smallint    NOT NULL DEFAULT 0, -- the number of earlier publications
    leased_until timestamptz NOT NULL DEFAULT now() + interval '5 seconds',
    PRIMARY KEY (order_id, version)
);
