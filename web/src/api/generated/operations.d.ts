// Written by `npm run api`; not edited by hand.

export interface paths {
    "/parked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List parked messages
         * @description Messages that came first are first. By default the list has the messages that wait for staff. `state` selects those that
         *     were replayed or discarded.
         */
        get: operations["list_parked"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the audit of parked messages
         * @description Each replay and discard with its user, time and reason, latest first. Dry runs, and requests that found nothing to change, are
         *     not listed.
         */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Discard many parked messages
         * @description Chosen by ids or by a filter, up to 100 with each request. Each message has its own outcome. `dry_run` answers what would
         *     happen.
         */
        post: operations["discard_many"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay many parked messages
         * @description Chosen by ids or by a filter, up to 100 with each request. Each message has its own outcome. `dry_run` answers what would
         *     happen; it does not ask RabbitMQ whether each queue exists.
         */
        post: operations["replay_many"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a parked message
         * @description With its headers and body, also after it was replayed or discarded.
         */
        get: operations["show_parked"];
        put?: never;
        post?: never;
        /**
         * Discard a parked message
         * @description It cannot be replayed after that. The list still shows it with `state=discarded`.
         */
        delete: operations["discard_parked"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay a parked message
         * @description Sends it back to the work queue that it came from, under the same id, with all its attempts. Its worker ignores it if
         *     the work is already done. Of two requests for one message, one replays it and the other gets a 409.
         */
        post: operations["replay_parked"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the queues
         * @description Lists each queue with its numbers of waiting messages, unacknowledged messages and consumers. RabbitMQ
         *     updates these numbers every few seconds.
         */
        get: operations["list_queues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description One invalid field of a request. */
        FieldError: {
            /**
             * @description The fault of the field, and the expected value.
             * @example a quantity is from 1 to 1,000, not 0
             */
            detail: string;
            /**
             * @description RFC 6901 JSON pointer into the body, or the name of a query parameter.
             * @example /items/0/quantity
             */
            pointer: string;
        };
        /**
         * @description The purpose of a queue, in the order in which they are shown.
         * @enum {string}
         */
        Kind: "work" | "other" | "retry" | "parking" | "push";
        /**
         * Format: uuid
         * @description An order.
         * @example 01900000-0000-7000-8000-000000000001
         */
        OrderId: string;
        /** @description One page. */
        Page_ParkedAuditEntry: {
            /** @description The entries, in the list's order. */
            items: {
                /** @description The action. */
                action: components["schemas"]["ParkedAction"];
                /**
                 * Format: date-time
                 * @description The time of the action.
                 */
                at: string;
                filter?: components["schemas"]["ParkedFilter"] | null;
                /**
                 * Format: uuid
                 * @description Its id.
                 */
                id: string;
                /** @description The parked messages that the action was for. */
                ids: string[];
                /**
                 * @description The number of messages by outcome; `null` if the action has not ended, or was cut short by a crash.
                 * @example {
                 *       "no_queue": 1,
                 *       "replayed": 3
                 *     }
                 */
                outcomes?: {
                    [key: string]: number;
                } | null;
                /** @description Why, in the words of the user. */
                reason?: string | null;
                /** @description The member of staff. */
                user_id: components["schemas"]["UserId"];
            }[];
            /** @description Give this as `cursor` to get the next page; `null` on the last one. */
            next_cursor?: string | null;
        };
        /** @description One page. */
        Page_Queue: {
            /** @description The entries, in the list's order. */
            items: {
                /**
                 * Format: int64
                 * @description How many consume from it.
                 * @example 1
                 */
                consumers: number;
                /** @description Its purpose. */
                kind: components["schemas"]["Kind"];
                /**
                 * @description Its name.
                 * @example payment-worker
                 */
                name: string;
                /**
                 * Format: int64
                 * @description Messages that wait to be delivered.
                 * @example 0
                 */
                ready: number;
                /**
                 * Format: int64
                 * @description Messages that a consumer has and has not acknowledged yet.
                 * @example 2
                 */
                unacknowledged: number;
            }[];
            /** @description Give this as `cursor` to get the next page; `null` on the last one. */
            next_cursor?: string | null;
        };
        /**
         * @description An action of staff on parked messages.
         * @enum {string}
         */
        ParkedAction: "replay" | "discard";
        /** @description One action of staff on parked messages. */
        ParkedAuditEntry: {
            /** @description The action. */
            action: components["schemas"]["ParkedAction"];
            /**
             * Format: date-time
             * @description The time of the action.
             */
            at: string;
            filter?: components["schemas"]["ParkedFilter"] | null;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description The parked messages that the action was for. */
            ids: string[];
            /**
             * @description The number of messages by outcome; `null` if the action has not ended, or was cut short by a crash.
             * @example {
             *       "no_queue": 1,
             *       "replayed": 3
             *     }
             */
            outcomes?: {
                [key: string]: number;
            } | null;
            /** @description Why, in the words of the user. */
            reason?: string | null;
            /** @description The member of staff. */
            user_id: components["schemas"]["UserId"];
        };
        /** @description A filter that chooses parked messages. An empty filter chooses all of them. */
        ParkedFilter: {
            /** @description Only messages with this id of their own. */
            message_id?: string | null;
            order_id?: components["schemas"]["OrderId"] | null;
            /**
             * @description Only messages from this work queue.
             * @example payment-worker
             */
            queue?: string | null;
            /**
             * Format: date-time
             * @description Only messages that were parked at this time or later.
             */
            since?: string | null;
            /**
             * @description Only this event.
             * @example order_reserved
             */
            type?: string | null;
        };
        /** @description A parked message with its headers and body. */
        ParkedMessage: components["schemas"]["ParkedSummary"] & {
            /**
             * Format: uuid
             * @description The last action on it, an entry of `GET /parked/audit`.
             */
            audit_id?: string | null;
            /**
             * @description Its body as text. Bytes that are not UTF-8 are replaced.
             * @example {"schema":1}
             */
            body: string;
            /** @description Whether the answer has only the first 64 KiB of the body. */
            body_is_cut: boolean;
            /** @description All headers. */
            headers: Record<string, never>;
            /**
             * Format: date-time
             * @description The time of the replay or discard.
             */
            settled_at?: string | null;
        };
        /**
         * @description The outcome of an action on one parked message.
         * @enum {string}
         */
        ParkedOutcome: "replayed" | "discarded" | "unknown_origin" | "no_queue" | "refused" | "not_parked" | "in_use" | "not_found";
        /** @description One page of parked messages. */
        ParkedPage: {
            /** @description The messages that came first are first. */
            items: components["schemas"]["ParkedSummary"][];
            /** @description The `cursor` of the next page; `null` on the last one. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description The number of messages on all pages, counted after this page was read.
             * @example 1
             */
            total: number;
        };
        /** @description The outcome for one message. */
        ParkedResult: {
            /**
             * Format: uuid
             * @description The id of the parked copy.
             * @example 01900000-0000-7000-8000-000000000009
             */
            id: string;
            /** @description The message's own id. */
            message_id?: string | null;
            /** @description The order that it is about. */
            order_id?: string | null;
            /** @description The outcome. */
            outcome: components["schemas"]["ParkedOutcome"];
            /**
             * @description The work queue that it came from.
             * @example payment-worker
             */
            queue?: string | null;
        };
        /** @description The outcomes of a [`ParkedSelection`]. */
        ParkedResults: {
            /** @description Whether this only says what would happen. Then the broker was not asked. */
            dry_run: boolean;
            /** @description Each message. */
            items: components["schemas"]["ParkedResult"][];
            /** @description More messages match the filter. Repeat the request with this `cursor` for the next ones; `null` if there are none. */
            next_cursor?: string | null;
        };
        /** @description Body of `POST /parked/replay` and `POST /parked/discard`: the messages by `ids` or by `filter`. */
        ParkedSelection: {
            /** @description With a filter: `next_cursor` of the previous answer. */
            cursor?: string | null;
            /** @description Only answers what would happen. */
            dry_run?: boolean;
            filter?: components["schemas"]["ParkedFilter"] | null;
            /** @description The ids of 1 to 100 parked messages. */
            ids?: string[] | null;
            /**
             * @description Why, for the audit: up to 500 characters.
             * @example the provider is back
             */
            reason?: string | null;
        };
        /**
         * @description The state of a parked message.
         * @enum {string}
         */
        ParkedState: "parked" | "replayed" | "discarded";
        /** @description The main facts of a parked message. */
        ParkedSummary: {
            /**
             * Format: date-time
             * @description The time of its event.
             */
            at?: string | null;
            /**
             * Format: int64
             * @description The number of failed attempts before.
             * @example 4
             */
            attempt: number;
            /**
             * Format: int64
             * @description The size of its body.
             * @example 412
             */
            bytes: number;
            /**
             * Format: uuid
             * @description The id of this parked copy. A message that is parked again gets another one.
             * @example 01900000-0000-7000-8000-000000000009
             */
            id: string;
            /**
             * @description The message's own id, which a replay keeps.
             * @example 01900000-0000-7000-8000-000000000007
             */
            message_id?: string | null;
            /**
             * @description The order that it is about, as the publisher gave it.
             * @example 01900000-0000-7000-8000-000000000004
             */
            order_id?: string | null;
            /**
             * Format: date-time
             * @description The time of parking, if the program that parked it gave one.
             */
            parked_at?: string | null;
            /**
             * @description The work queue that it came from, if the message says so.
             * @example payment-worker
             */
            queue?: string | null;
            /**
             * @description The reason of parking.
             * @example given up: the payment provider does not answer
             */
            reason: string;
            /**
             * Format: date-time
             * @description The time at which operations-service stored it.
             */
            received_at: string;
            /** @description Its state. */
            state: components["schemas"]["ParkedState"];
            /**
             * @description The name of its event, as the publisher gave it.
             * @example order_reserved
             */
            type?: string | null;
        };
        /** @description The body of an error answer, `application/problem+json` (RFC 9457). */
        Problem: ({
            /** @description The product as it is now, with `product-changed`. It has the form of the answer to `GET /products/{id}`. */
            current_product?: Record<string, never> | null;
            /**
             * @description The promotion as it is now, with `promotion-changed`. It has the form of the answer to
             *     `GET /promotions/{id}`.
             */
            current_promotion?: Record<string, never> | null;
            /**
             * @description The present status, with `illegal-transition`, `reservation-released` and `claim-released`.
             * @example paid
             */
            current_status?: string | null;
            /**
             * Format: int64
             * @description Pieces that are held for orders, with `stock-below-reserved`.
             * @example 3
             */
            reserved?: number | null;
        } & Record<string, never>) & {
            /**
             * @description This occurrence: one sentence that says what is wrong and what to do.
             * @example Correct the fields named in `errors` and send the request again.
             */
            detail: string;
            /** @description Each invalid field. */
            errors?: components["schemas"]["FieldError"][];
            /**
             * Format: int32
             * @description The HTTP status.
             * @example 422
             */
            status: number;
            /**
             * @description The problem in general, for people.
             * @example Some fields are not valid
             */
            title: string;
            /**
             * @description The problem type, for programs: a URI reference that never changes.
             * @example /problems/validation
             */
            type: string;
        };
        /** @description A queue and what is in it. */
        Queue: {
            /**
             * Format: int64
             * @description How many consume from it.
             * @example 1
             */
            consumers: number;
            /** @description Its purpose. */
            kind: components["schemas"]["Kind"];
            /**
             * @description Its name.
             * @example payment-worker
             */
            name: string;
            /**
             * Format: int64
             * @description Messages that wait to be delivered.
             * @example 0
             */
            ready: number;
            /**
             * Format: int64
             * @description Messages that a consumer has and has not acknowledged yet.
             * @example 2
             */
            unacknowledged: number;
        };
        /** @description Answer of `POST /parked/{id}/replay`. */
        ReplayedMessage: {
            /**
             * Format: uuid
             * @description The id of the parked copy.
             * @example 01900000-0000-7000-8000-000000000009
             */
            id: string;
            /**
             * @description The work queue that it is back in. Always one.
             * @example [
             *       "payment-worker"
             *     ]
             */
            queues: string[];
        };
        /**
         * Format: uuid
         * @description A person with an account: customer or staff.
         * @example 01900000-0000-7000-8000-000000000001
         */
        UserId: string;
    };
    responses: {
        /** @description The route has no such method */
        MethodNotAllowed: {
            headers: {
                /** @description The methods of the route */
                Allow?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_parked: {
        parameters: {
            query?: {
                /**
                 * @description Only messages from this work queue.
                 * @example payment-worker
                 */
                queue?: string;
                /**
                 * @description Only this event.
                 * @example order_reserved
                 */
                type?: string;
                /** @description Only messages about this order. */
                order_id?: components["schemas"]["OrderId"];
                /** @description Only messages with this id of their own. */
                message_id?: string;
                /** @description Only messages in this state. The default is `parked`. */
                state?: "parked" | "replayed" | "discarded";
                /**
                 * @description Only messages that were parked at this time or later.
                 * @example 2026-01-02T03:04:05Z
                 */
                since?: string;
                /**
                 * @description The number of messages on a page, 1 to 100. The default is 20.
                 * @example 20
                 */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No good token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer */
            503: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /**
                 * @description The number of entries on a page, 1 to 100. The default is 20.
                 * @example 20
                 */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ParkedAuditEntry"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No good token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer */
            503: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    discard_many: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ParkedSelection"];
            };
        };
        responses: {
            /** @description The outcome of each message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedResults"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No good token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer */
            503: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replay_many: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ParkedSelection"];
            };
        };
        responses: {
            /** @description The outcome of each message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedResults"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No good token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description RabbitMQ or the database does not answer */
            503: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_parked: {
        parameters: {
            query?: {
                /** @description Whether to answer all of the body. By default, the first 64 KiB. */
                whole_body?: boolean;
            };
            header?: never;
            path: {
                /**
                 * @description The message, as the list names it
                 * @example 01900000-0000-7000-8000-000000000009
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParkedMessage"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No good token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No parked message has this id */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields are not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer */
            503: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    discard_parked: {
        parameters: {
            query?: {
                /**
                 * @description Why, for the audit: up to 500 characters.
                 * @example the provider is back
                 */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The message, as the list names it
                 * @example 01900000-0000-7000-8000-000000000009
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is discarded */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No good token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No parked message has this id */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Replayed or discarded before */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields are not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer */
            503: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replay_parked: {
        parameters: {
            query?: {
                /**
                 * @description Why, for the audit: up to 500 characters.
                 * @example the provider is back
                 */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The message, as the list names it
                 * @example 01900000-0000-7000-8000-000000000009
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is in its queue again */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplayedMessage"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No good token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No parked message has this id */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Replayed or discarded before, or still parked: its origin is unknown, or its queue is gone */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Some fields are not valid */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description RabbitMQ or the database does not answer */
            503: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_queues: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All queues, on one page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Queue"];
                };
            };
            /** @description No valid token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description RabbitMQ does not answer */
            503: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
