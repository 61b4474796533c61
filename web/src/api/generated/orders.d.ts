// Written by `npm run api`; not edited by hand.

export interface paths {
    "/addresses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the shipping addresses of orders.
         * @description Inside only: the gateway does not let this through.
         */
        get: operations["list_addresses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/completed-orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the completed orders between two ids, oldest first.
         * @description delivery-service finds orders here whose event was lost.
         *
         *     Inside only: the gateway does not let this through.
         */
        get: operations["list_completed_orders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists orders, newest first. */
        get: operations["list_orders"];
        put?: never;
        /**
         * Place an order.
         * @description After a 201, the order will reach a final status, despite any failures. Send an `Idempotency-Key`, for
         *     example a UUID. Then a request without an answer can be repeated safely. The repeated request gets the
         *     first answer, with the order as it was then. Requests are compared by the values of their fields.
         */
        post: operations["place_order"];
        delete?: never;
        options?: never;
        head?: never;
        /**
         * For workers: report the steps of several orders.
         * @description Each update works like `PATCH /orders/{id}`, and gets its own answer. A refused update does not affect the
         *     others.
         *
         *     Inside only: the gateway does not let this through.
         */
        patch: operations["patch_orders"];
        trace?: never;
    };
    "/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns an order. */
        get: operations["get_order"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * For workers: report a step of an order.
         * @description A repeated request is answered with 200 and changes nothing.
         *
         *     Inside only: the gateway does not let this through.
         */
        patch: operations["patch_order"];
        trace?: never;
    };
    "/orders/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel an order that is not paid. */
        post: operations["cancel_order"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns the history of an order, oldest event first. */
        get: operations["order_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/payment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay with another method after a decline. The stock is still held.
         * @description Only the customer of the order can pay. Staff cannot pay for others.
         */
        post: operations["pay_again"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Request a refund. Customers can do so until the order is completed, and staff also afterwards.
         * @description A customer who wants to return a completed order contacts the shop. Staff can then refund it.
         */
        post: operations["refund_order"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow orders live over a WebSocket.
         * @description The first frame is `{"type":"authenticate","token":"…"}`. Then `{"type":"subscribe"}` follows all of the
         *     caller's orders, and `{"type":"subscribe","order_id":"…","after":2}` follows one order.
         */
        get: operations["follow_orders"];
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
        /** @description A shipping address. */
        Address: {
            /**
             * @description Town.
             * @example London
             */
            city: string;
            /** @description The country's code. */
            country: components["schemas"]["CountryCode"];
            /**
             * @description The name of the recipient.
             * @example Ada Lovelace
             */
            name: string;
            /**
             * @description Postal code.
             * @example SW1Y 4JH
             */
            postal_code: string;
            /**
             * @description Street and number.
             * @example 12 St James's Square
             */
            street: string;
        };
        /** @description The amount that a promotion takes off a line. */
        Adjustment: {
            /** @description The amount, more than zero. */
            amount: components["schemas"]["Money"];
            /**
             * @description Its name at that time.
             * @example Tea week
             */
            name: string;
            /** @description The promotion. */
            promotion_id: components["schemas"]["PromotionId"];
        };
        /**
         * @description An assigned code of ISO 3166-1 alpha-2.
         * @example GB
         * @enum {string}
         */
        CountryCode: "AD" | "AE" | "AF" | "AG" | "AI" | "AL" | "AM" | "AO" | "AQ" | "AR" | "AS" | "AT" | "AU" | "AW" | "AX" | "AZ" | "BA" | "BB" | "BD" | "BE" | "BF" | "BG" | "BH" | "BI" | "BJ" | "BL" | "BM" | "BN" | "BO" | "BQ" | "BR" | "BS" | "BT" | "BV" | "BW" | "BY" | "BZ" | "CA" | "CC" | "CD" | "CF" | "CG" | "CH" | "CI" | "CK" | "CL" | "CM" | "CN" | "CO" | "CR" | "CU" | "CV" | "CW" | "CX" | "CY" | "CZ" | "DE" | "DJ" | "DK" | "DM" | "DO" | "DZ" | "EC" | "EE" | "EG" | "EH" | "ER" | "ES" | "ET" | "FI" | "FJ" | "FK" | "FM" | "FO" | "FR" | "GA" | "GB" | "GD" | "GE" | "GF" | "GG" | "GH" | "GI" | "GL" | "GM" | "GN" | "GP" | "GQ" | "GR" | "GS" | "GT" | "GU" | "GW" | "GY" | "HK" | "HM" | "HN" | "HR" | "HT" | "HU" | "ID" | "IE" | "IL" | "IM" | "IN" | "IO" | "IQ" | "IR" | "IS" | "IT" | "JE" | "JM" | "JO" | "JP" | "KE" | "KG" | "KH" | "KI" | "KM" | "KN" | "KP" | "KR" | "KW" | "KY" | "KZ" | "LA" | "LB" | "LC" | "LI" | "LK" | "LR" | "LS" | "LT" | "LU" | "LV" | "LY" | "MA" | "MC" | "MD" | "ME" | "MF" | "MG" | "MH" | "MK" | "ML" | "MM" | "MN" | "MO" | "MP" | "MQ" | "MR" | "MS" | "MT" | "MU" | "MV" | "MW" | "MX" | "MY" | "MZ" | "NA" | "NC" | "NE" | "NF" | "NG" | "NI" | "NL" | "NO" | "NP" | "NR" | "NU" | "NZ" | "OM" | "PA" | "PE" | "PF" | "PG" | "PH" | "PK" | "PL" | "PM" | "PN" | "PR" | "PS" | "PT" | "PW" | "PY" | "QA" | "RE" | "RO" | "RS" | "RU" | "RW" | "SA" | "SB" | "SC" | "SD" | "SE" | "SG" | "SH" | "SI" | "SJ" | "SK" | "SL" | "SM" | "SN" | "SO" | "SR" | "SS" | "ST" | "SV" | "SX" | "SY" | "SZ" | "TC" | "TD" | "TF" | "TG" | "TH" | "TJ" | "TK" | "TL" | "TM" | "TN" | "TO" | "TR" | "TT" | "TV" | "TW" | "TZ" | "UA" | "UG" | "UM" | "US" | "UY" | "UZ" | "VA" | "VC" | "VE" | "VG" | "VI" | "VN" | "VU" | "WF" | "WS" | "YE" | "YT" | "ZA" | "ZM" | "ZW";
        /**
         * @description An ISO 4217 currency code: three upper-case letters.
         * @example EUR
         */
        Currency: string;
        /**
         * Format: uuid
         * @description One event of one order; also the `message_id` of its message.
         * @example 01900000-0000-7000-8000-000000000001
         */
        EventId: string;
        /** @description The schema of an expected total, which is [`Money`]. */
        ExpectedTotal: {
            /**
             * Format: int64
             * @description Minor units of the currency: cents for EUR and USD, yen for JPY.
             * @example 2598
             */
            amount_minor: number;
            /** @description ISO 4217 code. */
            currency: components["schemas"]["Currency"];
        };
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
        /** @description A product and its quantity. */
        Item: {
            /** @description The product. */
            product_id: components["schemas"]["ProductId"];
            /**
             * Format: int32
             * @description Pieces, 1 to 1,000.
             * @example 2
             */
            quantity: number;
        };
        /**
         * @description An item, with its name and price at the time of the reservation.
         *
         *     `total` is the list price of all pieces minus the adjustments. Releases before discounts wrote lines
         *     without it, which are read as lines without adjustments.
         */
        Line: {
            /** @description The amounts that promotions take off this line. */
            adjustments?: components["schemas"]["Adjustment"][];
            /**
             * @description The category at that time. Empty for orders of releases before discounts.
             * @example Tea
             */
            category: string;
            /**
             * @description The name at that time.
             * @example Earl Grey, 100 g
             */
            name: string;
            /** @description The product. */
            product_id: components["schemas"]["ProductId"];
            /**
             * Format: int64
             * @description Pieces.
             * @example 2
             */
            quantity: number;
            /** @description The price of all pieces of the line, after the adjustments. */
            total: components["schemas"]["Money"];
            /** @description The list price of one piece at that time. */
            unit_price: components["schemas"]["Money"];
        };
        /** @description A line as this release or an earlier one writes it. */
        LineUpdate: {
            /** @description The amounts that promotions take off this line. By default there are none. */
            adjustments?: components["schemas"]["Adjustment"][];
            /**
             * @description The category at this time.
             * @example Tea
             */
            category?: string;
            /**
             * @description The name at this time.
             * @example Earl Grey, 100 g
             */
            name: string;
            /** @description The product. */
            product_id: components["schemas"]["ProductId"];
            /**
             * Format: int64
             * @description Pieces.
             * @example 2
             */
            quantity: number;
            /** @description The price of all pieces, after the adjustments. By default it is the list price. */
            total?: components["schemas"]["Money"];
            /** @description The list price of one piece at this time. */
            unit_price: components["schemas"]["Money"];
        };
        /** @description An amount of money. */
        Money: {
            /**
             * Format: int64
             * @description Minor units of the currency: cents for EUR and USD, yen for JPY.
             * @example 1299
             */
            amount_minor: number;
            /** @description ISO 4217 code. */
            currency: components["schemas"]["Currency"];
        };
        /** @description An order, as its owner and staff see it. */
        Order: {
            /**
             * Format: int32
             * @description The number of the current payment attempt, from 1.
             */
            attempt: number;
            /**
             * @description The discount codes that the customer entered.
             * @example [
             *       "TEA-WEEK"
             *     ]
             */
            codes?: string[];
            /**
             * Format: date-time
             * @description When it was placed.
             */
            created_at: string;
            /**
             * @description One sentence for the customer on why it was rejected: it names the product, or the old and the new total.
             * @example Earl Grey, 100 g: 1 left, 2 ordered.
             */
            detail?: string | null;
            expected_total?: components["schemas"]["Money"] | null;
            /** @description Its id. */
            id: components["schemas"]["OrderId"];
            /** @description The ordered items. */
            items: components["schemas"]["Item"][];
            /** @description The ordered items with names and prices, once reserved. */
            lines?: components["schemas"]["Line"][] | null;
            /** @description The customer's note to the shop. */
            note?: string | null;
            /** @description The current payment method. */
            payment_method: string;
            /**
             * @description Why it was rejected or the payment failed; `expired` if it was not paid in time.
             * @example insufficient_funds
             */
            reason?: string | null;
            shipping_address?: components["schemas"]["Address"] | null;
            /** @description Its status. */
            status: components["schemas"]["OrderStatus"];
            total?: components["schemas"]["Money"] | null;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updated_at: string;
            /** @description The customer who placed it. */
            user_id: components["schemas"]["UserId"];
            /**
             * Format: int32
             * @description Counts its changes, from 1.
             */
            version: number;
        };
        /** @description One change of an order, as its owner sees it. */
        OrderHistoryEntry: {
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /**
             * @description One sentence for the customer, for `rejected`.
             * @example Earl Grey, 100 g: 1 left, 2 ordered.
             */
            detail?: string | null;
            /** @description The event's id. */
            id: components["schemas"]["EventId"];
            /** @description Why, for `rejected` and `payment_failed`; `expired` for `cancelled`, if it was not paid in time. */
            reason?: string | null;
            /** @description The order's status after it. */
            status: components["schemas"]["OrderStatus"];
            /**
             * @description The event's name, such as `order_paid`.
             * @example order_paid
             */
            type: string;
            /**
             * Format: int32
             * @description The order's version after it.
             */
            version: number;
        };
        /**
         * Format: uuid
         * @description An order.
         * @example 01900000-0000-7000-8000-000000000001
         */
        OrderId: string;
        /**
         * @description The status of an order.
         * @enum {string}
         */
        OrderStatus: "new" | "reserved" | "rejected" | "paid" | "payment_failed" | "cancelled" | "completed" | "refund_requested" | "refunded";
        /** @description The status update of one order. */
        OrderUpdate: {
            /** @description The order. */
            order_id: components["schemas"]["OrderId"];
            /** @description The W3C Trace Context of the cause of this update. */
            traceparent?: string | null;
            /** @description The update. */
            update: components["schemas"]["StatusUpdate"];
        };
        /** @description One page. */
        Page_Order: {
            /** @description The entries, in the list's order. */
            items: {
                /**
                 * Format: int32
                 * @description The number of the current payment attempt, from 1.
                 */
                attempt: number;
                /**
                 * @description The discount codes that the customer entered.
                 * @example [
                 *       "TEA-WEEK"
                 *     ]
                 */
                codes?: string[];
                /**
                 * Format: date-time
                 * @description When it was placed.
                 */
                created_at: string;
                /**
                 * @description One sentence for the customer on why it was rejected: it names the product, or the old and the new total.
                 * @example Earl Grey, 100 g: 1 left, 2 ordered.
                 */
                detail?: string | null;
                expected_total?: components["schemas"]["Money"] | null;
                /** @description Its id. */
                id: components["schemas"]["OrderId"];
                /** @description The ordered items. */
                items: components["schemas"]["Item"][];
                /** @description The ordered items with names and prices, once reserved. */
                lines?: components["schemas"]["Line"][] | null;
                /** @description The customer's note to the shop. */
                note?: string | null;
                /** @description The current payment method. */
                payment_method: string;
                /**
                 * @description Why it was rejected or the payment failed; `expired` if it was not paid in time.
                 * @example insufficient_funds
                 */
                reason?: string | null;
                shipping_address?: components["schemas"]["Address"] | null;
                /** @description Its status. */
                status: components["schemas"]["OrderStatus"];
                total?: components["schemas"]["Money"] | null;
                /**
                 * Format: date-time
                 * @description When it last changed.
                 */
                updated_at: string;
                /** @description The customer who placed it. */
                user_id: components["schemas"]["UserId"];
                /**
                 * Format: int32
                 * @description Counts its changes, from 1.
                 */
                version: number;
            }[];
            /** @description Give this as `cursor` to get the next page; `null` on the last one. */
            next_cursor?: string | null;
        };
        /** @description One page. */
        Page_OrderHistoryEntry: {
            /** @description The entries, in the list's order. */
            items: {
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                at: string;
                /**
                 * @description One sentence for the customer, for `rejected`.
                 * @example Earl Grey, 100 g: 1 left, 2 ordered.
                 */
                detail?: string | null;
                /** @description The event's id. */
                id: components["schemas"]["EventId"];
                /** @description Why, for `rejected` and `payment_failed`; `expired` for `cancelled`, if it was not paid in time. */
                reason?: string | null;
                /** @description The order's status after it. */
                status: components["schemas"]["OrderStatus"];
                /**
                 * @description The event's name, such as `order_paid`.
                 * @example order_paid
                 */
                type: string;
                /**
                 * Format: int32
                 * @description The order's version after it.
                 */
                version: number;
            }[];
            /** @description Give this as `cursor` to get the next page; `null` on the last one. */
            next_cursor?: string | null;
        };
        /** @description One page. */
        Page_ShippingOrder: {
            /** @description The entries, in the list's order. */
            items: {
                /** @description The order. */
                id: components["schemas"]["OrderId"];
                shipping_address?: components["schemas"]["Address"] | null;
                /** @description Its owner. */
                user_id: components["schemas"]["UserId"];
            }[];
            /** @description Give this as `cursor` to get the next page; `null` on the last one. */
            next_cursor?: string | null;
        };
        /** @description Body of `POST /orders/{id}/payment`. */
        PayAgain: {
            /**
             * @description Another token of the payment provider.
             * @example pm_card_visa
             */
            payment_method: string;
        };
        /** @description Body of `POST /orders`. */
        PlaceOrder: {
            /**
             * @description Discount codes, at most 10. Upper and lower case do not matter. If one cannot be used, the order is rejected.
             * @example [
             *       "TEA-WEEK"
             *     ]
             */
            codes?: string[];
            expected_total?: components["schemas"]["ExpectedTotal"] | null;
            /** @description 1 to 100 products, each once. */
            items: components["schemas"]["Item"][];
            /** @description A note to the shop, at most 500 characters. */
            note?: string | null;
            /**
             * @description A token of the payment provider; card numbers never enter this system.
             * @example pm_card_visa
             */
            payment_method: string;
            shipping_address?: components["schemas"]["Address"] | null;
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
        /**
         * Format: uuid
         * @description A product of the catalogue.
         * @example 01900000-0000-7000-8000-000000000001
         */
        ProductId: string;
        /**
         * Format: uuid
         * @description A promotion of the shop.
         * @example 01900000-0000-7000-8000-000000000001
         */
        PromotionId: string;
        /**
         * @description Why an order was rejected.
         * @enum {string}
         */
        RejectReason: "out_of_stock" | "unknown_product" | "price_changed" | "discount_unavailable";
        /** @description The part of an order that its delivery needs. */
        ShippingOrder: {
            /** @description The order. */
            id: components["schemas"]["OrderId"];
            shipping_address?: components["schemas"]["Address"] | null;
            /** @description Its owner. */
            user_id: components["schemas"]["UserId"];
        };
        /** @description Answer to `GET /addresses`. */
        ShippingOrders: {
            /** @description The known orders of the request, in any order. */
            orders: components["schemas"]["ShippingOrder"][];
        };
        /** @description The answer to one update. */
        StatusAnswer: {
            /** @description The order. */
            order_id: components["schemas"]["OrderId"];
            problem?: components["schemas"]["Problem"] | null;
        };
        /** @description Answer to `PATCH /orders`. */
        StatusAnswers: {
            /** @description The answers, in the order of the updates. */
            answers: components["schemas"]["StatusAnswer"][];
        };
        /** @description Body of `PATCH /orders/{id}`: a worker's update of the status. */
        StatusUpdate: {
            /** @description The held items, with prices. */
            lines: components["schemas"]["LineUpdate"][];
            /** @enum {string} */
            status: "reserved";
            /** @description The sum of the lines, after discounts. */
            total: components["schemas"]["Money"];
        } | {
            /** @description One sentence for the customer. */
            detail: string;
            /** @description The reason. */
            reason: components["schemas"]["RejectReason"];
            /** @enum {string} */
            status: "rejected";
        } | {
            /**
             * Format: int64
             * @description The payment attempt that succeeded.
             */
            attempt: number;
            /** @description The provider's id of the payment. */
            payment_id: string;
            /** @enum {string} */
            status: "paid";
        } | {
            /**
             * Format: int64
             * @description The payment attempt that failed.
             */
            attempt: number;
            /** @description The provider's code, such as `insufficient_funds`. */
            reason: string;
            /** @enum {string} */
            status: "payment_failed";
        } | {
            /** @enum {string} */
            status: "completed";
        } | {
            /** @description The provider's id of the refund. */
            refund_id: string;
            /** @enum {string} */
            status: "refunded";
        };
        /** @description Body of `PATCH /orders`: status updates of several orders. */
        StatusUpdates: {
            /** @description One update for each order, and at most 64. */
            updates: components["schemas"]["OrderUpdate"][];
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
    list_addresses: {
        parameters: {
            query: {
                /**
                 * @description 1 to 64 ids of orders, separated by commas.
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                order_ids: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The known orders */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShippingOrders"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not a service with this scope */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There are no ids, too many, or an invalid one */
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
            /** @description The service cannot do this now */
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
    list_completed_orders: {
        parameters: {
            query: {
                /** @description Only orders with a larger id. Give `next_cursor` of the previous page here. */
                after: string;
                /** @description Only orders with a smaller id. */
                before: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of completed orders */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ShippingOrder"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not a service with this scope */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter is missing or invalid */
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
            /** @description The service cannot do this now */
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
    list_orders: {
        parameters: {
            query?: {
                /** @description The number of orders per page, 1 to 100. The default is 20. */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /** @description Only orders with this status. */
                status?: components["schemas"]["OrderStatus"];
                /**
                 * @description For staff: only orders of this customer. Without it, staff see all orders. Customers always see their
                 *     own.
                 */
                user_id?: components["schemas"]["UserId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of orders */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Order"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Only staff may see another customer's orders */
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
            /** @description The service cannot do this now */
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
    place_order: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 visible ASCII characters. The key is kept for 24 h */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlaceOrder"];
            };
        };
        responses: {
            /** @description The order is accepted as `new`, or this is the first answer again */
            201: {
                headers: {
                    /** @description `true` if this is the first answer again */
                    "Idempotency-Replayed"?: string;
                    /** @description The order */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description Not JSON, or a bad Idempotency-Key */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This is not allowed */
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
            /** @description Fields are invalid, or the key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many orders in a minute, too many unpaid pieces, or too many payment attempts */
            429: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
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
            /** @description The service cannot do this now */
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
    patch_orders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusUpdates"];
            };
        };
        responses: {
            /** @description Each update has its own answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusAnswers"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A step requires the scope `orders:stock` or `orders:payment` */
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
            /** @description Fields are invalid, or there are too many updates */
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
            /** @description The service cannot do this now */
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
    get_order: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This is not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order, or it belongs to another user */
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
            /** @description The service cannot do this now */
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
    patch_order: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusUpdate"];
            };
        };
        responses: {
            /** @description The step is done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The step requires the scope `orders:stock` or `orders:payment` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order */
            404: {
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
            /** @description The status machine does not allow the step; see `current_status` */
            409: {
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
            /** @description The service cannot do this now */
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
    cancel_order: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order is cancelled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This is not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order, or it belongs to another user */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is too late to cancel; see `current_status` */
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
            /** @description The service cannot do this now */
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
    order_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The history, on one page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_OrderHistoryEntry"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This is not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order, or it belongs to another user */
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
            /** @description The service cannot do this now */
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
    pay_again: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PayAgain"];
            };
        };
        responses: {
            /** @description The payment is in progress */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Staff cannot pay another customer's order */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order, or it belongs to another user */
            404: {
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
            /** @description The order does not wait for a payment; see `current_status` */
            409: {
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
            /** @description Not a payment method */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many payment attempts for this order or by this account */
            429: {
                headers: {
                    /** @description Seconds to wait before the next try */
                    "Retry-After"?: number;
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
            /** @description The service cannot do this now */
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
    refund_order: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The refund is requested or done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
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
            /** @description A valid access token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This is not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order, or it belongs to another user */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The order cannot be refunded; see `current_status` */
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
            /** @description The service cannot do this now */
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
    follow_orders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A WebSocket, subprotocol `orderflow.v1` */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request does not offer the subprotocol `orderflow.v1` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not ask for a WebSocket */
            426: {
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
            /** @description The service cannot do this now */
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
