-- The two tables of a service that publishes events, for the events of parcels as an example. A service puts them
-- into a migration, with its own names for `parcel_events` and `parcel_id`.

-- All events, for ever.
CREATE TABLE parcel_events (
    id          uuid    NOT NULL,
    parcel_id   uuid    NOT NULL,
    version     integer NOT NULL,
    body        json    NOT NULL, -- the body of the message
    traceparent text,             -- of the request that caused the event
    PRIMARY KEY (parcel_id, version)
);

-- A row for each event that is still to be published.
CREATE TABLE outbox (
    parcel_id    uuid        NOT NULL,
    version      integer     NOT NULL,
    telling      smallint    NOT NULL DEFAULT 0, -- the number of earlier publications
    leased_until timestamptz NOT NULL DEFAULT now() + interval '5 seconds',
    PRIMARY KEY (parcel_id, version)
);
