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
         * List the parked messages
         * @description Each request takes the messages out of their queue and puts them back. RabbitMQ counts this as a delivery
         *     of each message, and a message allows a million deliveries. So programs must not poll this route.
         *     `GET /queues` has the number of parked messages and does not affect them.
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
    "/parked/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a parked message
         * @description Shows the message with its headers and body. If several messages have this id, the answer is the first
         *     one. They are replayed or discarded together.
         */
        get: operations["show_parked"];
        put?: never;
        post?: never;
        /**
         * Discard a parked message
         * @description Deletes the message. If it is no longer parked, the answer is 404 and nothing changes.
         */
        delete: operations["discard_parked"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/parked/{message_id}/replay": {
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
         * @description Sends the message back to its work queue under the same id, and resets its number of tries. The worker
         *     ignores the message if the work is already done. If the message is no longer parked, the answer is 404 and
         *     nothing changes.
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
         * @description The purpose of a queue. The variants have the order in which queues are shown.
         * @enum {string}
         */
        Kind: "work" | "other" | "retry" | "parking" | "push";
        /** @description One page. */
        Page_Queue: {
            /** @description The entries, in the list's order. */
            items: {
                /**
                 * Format: int64
                 * @description The number of consumers.
                 * @example 1
                 */
                consumers: number;
                /** @description The purpose of the queue. */
                kind: components["schemas"]["Kind"];
                /**
                 * @description The name of the queue.
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
        /** @description A message that is parked. */
        ParkedMessage: components["schemas"]["ParkedSummary"] & {
            /**
             * @description The first 64 KiB of the body as text. Bytes that are not UTF-8 are replaced.
             * @example {"schema":1}
             */
            body: string;
            /** @description Whether the body is longer. */
            body_is_cut: boolean;
            /** @description All headers. */
            headers: Record<string, never>;
        };
        /** @description One page of parked messages. */
        ParkedPage: {
            /** @description The messages, oldest first. */
            items: components["schemas"]["ParkedSummary"][];
            /** @description The `cursor` of the next page, or `null` on the last page. */
            next_cursor?: string | null;
            /**
             * @description The number of all parked messages. Pages show only the first 1,000. Staff must replay or discard those
             *     first.
             * @example 1
             */
            total: number;
        };
        /** @description What there is to know of a message at a glance. */
        ParkedSummary: {
            /**
             * Format: date-time
             * @description When what it tells of happened.
             */
            at?: string | null;
            /**
             * @description How often handling it had failed before.
             * @example 4
             */
            attempt: number;
            /**
             * @description The size of its body.
             * @example 412
             */
            bytes: number;
            /**
             * @description By which it is addressed: its `message_id`, or for one without, or with one that is no plain
             *     name, `body-` and the beginning of its body's SHA-256.
             * @example 01900000-0000-7000-8000-000000000007
             */
            id: string;
            /**
             * @description The order that it is about, as its publisher said.
             * @example 01900000-0000-7000-8000-000000000004
             */
            order_id?: string | null;
            /**
             * Format: date-time
             * @description Since when it is parked, where whoever parked it said so.
             */
            parked_at?: string | null;
            /**
             * @description The work queue that it came from, where that can be told.
             * @example payment-worker
             */
            queue?: string | null;
            /**
             * @description Why it is parked.
             * @example given up: the payment provider does not answer
             */
            reason: string;
            /**
             * @description What it tells of, as its publisher said.
             * @example order_reserved
             */
            type?: string | null;
        };
        /** @description The body of an error answer, `application/problem+json` (RFC 9457). */
        Problem: ({
            /** @description The product as it is now, with `product-changed`. It has the form of the answer to `GET /products/{id}`. */
            current_product?: Record<string, never> | null;
            /**
             * @description The present status of the order or reservation, with `illegal-transition` and `reservation-released`.
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
        /** @description A queue and the numbers of its messages. */
        Queue: {
            /**
             * Format: int64
             * @description The number of consumers.
             * @example 1
             */
            consumers: number;
            /** @description The purpose of the queue. */
            kind: components["schemas"]["Kind"];
            /**
             * @description The name of the queue.
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
        /** @description A message that is in its work queue again. */
        ReplayedMessage: {
            /**
             * @description The id of the message, unchanged.
             * @example 01900000-0000-7000-8000-000000000007
             */
            id: string;
            /**
             * @description The work queues that the message is in again. There are several if several messages had this id.
             * @example [
             *       "payment-worker"
             *     ]
             */
            queues: string[];
        };
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
                 * @description The number of messages per page, 1 to 100. The default is 20.
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
            /** @description A parameter is invalid */
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
            /** @description RabbitMQ does not answer, or another request reads the parked messages */
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
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message, as the list names it
                 * @example 01900000-0000-7000-8000-000000000007
                 */
                message_id: string;
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
            /** @description The message is not parked */
            404: {
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
            /** @description RabbitMQ does not answer, or another request reads the parked messages */
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
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message, as the list names it
                 * @example 01900000-0000-7000-8000-000000000007
                 */
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message is deleted */
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
            /** @description The message is not parked */
            404: {
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
            /** @description RabbitMQ does not answer, or another request reads the parked messages */
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
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The message, as the list names it
                 * @example 01900000-0000-7000-8000-000000000007
                 */
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message is in its queue again */
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
            /** @description The message is not parked */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Still parked. The message has no known work queue, or the queue no longer exists */
            409: {
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
            /** @description RabbitMQ does not answer, or another request reads the parked messages */
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
