-- The actions of staff on parked messages. A row is committed before the first message is published, so a replay that a
-- crash cut short is in the audit too.
CREATE TABLE parked_audit (
    id       uuid        PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    user_id  uuid        NOT NULL,
    action   text        NOT NULL CHECK (action IN ('replay', 'discard')),
    -- Why, in the words of the user.
    reason   text,
    -- How the messages were chosen. NULL if the request named their ids.
    filter   jsonb,
    -- The rows of parked_messages that the action was for.
    ids      uuid[]      NOT NULL,
    -- The number of messages by outcome. NULL until the action has ended.
    outcomes jsonb
);

-- Every message that was parked. A row is never parked again: a replayed message that fails again gets a new row.
CREATE TABLE parked_messages (
    id            uuid        PRIMARY KEY,
    -- SHA-256 of the message. RabbitMQ delivers a message again if it got no acknowledgement.
    digest        bytea       NOT NULL CHECK (length(digest) = 32),
    message_id    text,
    -- The work queue that the message came from. NULL if the message does not say.
    queue         text,
    event_type    text,
    -- Text, because the publisher may say anything.
    order_id      text,
    reason        text        NOT NULL,
    attempt       integer     NOT NULL CHECK (attempt >= 0),
    -- The AMQP properties that a replay needs, except the headers.
    properties    jsonb       NOT NULL,
    headers       jsonb       NOT NULL,
    body          bytea       NOT NULL,
    -- The time of the event, in the words of the publisher.
    at            timestamptz,
    parked_at     timestamptz,
    received_at   timestamptz NOT NULL DEFAULT now(),
    state         text        NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'replayed', 'discarded')),
    -- The time of the replay or discard.
    settled_at    timestamptz CHECK ((settled_at IS NULL) = (state = 'parked')),
    -- The last action on this message.
    audit_id      uuid        REFERENCES parked_audit,
    -- Until then only the replay in audit_id may publish the message.
    claimed_until timestamptz
);

CREATE UNIQUE INDEX parked_messages_once ON parked_messages (digest) WHERE state = 'parked';
CREATE INDEX parked_messages_by_state ON parked_messages (state, id);
CREATE INDEX parked_messages_by_order ON parked_messages (order_id, id);
