// Written by `npm run api`; not edited by hand.

export interface paths {
    "/currencies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the currencies
         * @description The currency of this shop, and the decimal digits of every currency (ISO 4217). All amounts in this API
         *     are in minor units with these digits. Browsers and other libraries use the digits of CLDR, which differ.
         */
        get: operations["list_currencies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List products
         * @description Lists products page by page, oldest first. With `ids` it lists only these products, and leaves out products
         *     that the shop does not have.
         */
        get: operations["list_products"];
        put?: never;
        /**
         * Add a product
         * @description The product has no stock at first. Only for staff.
         */
        post: operations["create_product"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/categories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List categories
         * @description Lists the categories that have products.
         */
        get: operations["list_categories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a product
         * @description The `ETag` changes when staff edit the product. Sales and stock counts do not change it, so conditional
         *     GET is not supported.
         */
        get: operations["get_product"];
        /**
         * Replace a product
         * @description Existing reservations keep the old price and name. Send `If-Match` with the `ETag` that you read.
         *     If another member of staff has changed the product since then, the answer is 412 and nothing is lost.
         *     Without `If-Match`, the last request wins. Only for staff.
         */
        put: operations["update_product"];
        post?: never;
        /**
         * Delete a product
         * @description Orders that have reserved the product keep their stock. Only for staff.
         */
        delete: operations["delete_product"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{id}/stock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set a product's stock
         * @description Sets the number of pieces in the warehouse, including those held for orders. Only for staff.
         */
        put: operations["set_stock"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reserve stock for an order
         * @description Holds all lines at current prices, or nothing. A repeated request for the same order returns its
         *     current reservation. A refusal stores nothing, so a later request may succeed.
         *
         *     Inside only: the gateway does not let this through.
         */
        post: operations["reserve"];
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update the reservations of several orders
         * @description Each update works like the route that it names, and gets its own answer. A refused update does not affect
         *     the others.
         *
         *     Inside only: the gateway does not let this through.
         */
        patch: operations["patch_reservations"];
        trace?: never;
    };
    "/reservations/{order_id}/commit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Commit a reservation
         * @description Its pieces leave the warehouse. A repeated request changes nothing.
         *
         *     Inside only: the gateway does not let this through.
         */
        post: operations["commit_reservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reservations/{order_id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release a reservation
         * @description Its pieces can be sold to other customers. Pieces that have left the warehouse are put back.
         *     An order without a reservation cannot reserve afterwards, because a cancellation may overtake the
         *     reservation. A repeated request changes nothing.
         *
         *     Inside only: the gateway does not let this through.
         */
        post: operations["release_reservation"];
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
        /** @description Answer of `GET /products/categories`. */
        Categories: {
            /**
             * @description Each category that has products, in the order in which the first product of each was added.
             * @example [
             *       "Tea",
             *       "Coffee"
             *     ]
             */
            items: string[];
        };
        /** @description Answer to `GET /currencies`. */
        Currencies: {
            /** @description Every currency that ISO 4217 assigns, by code. */
            currencies: components["schemas"]["CurrencyDigits"][];
            /** @description The currency of every price in this shop. */
            shop: components["schemas"]["Currency"];
        };
        /**
         * @description An ISO 4217 currency code: three upper-case letters.
         * @example EUR
         */
        Currency: string;
        /** @description A currency, and how its amounts are written. */
        CurrencyDigits: {
            /** @description ISO 4217 code. */
            code: components["schemas"]["Currency"];
            /**
             * Format: int64
             * @description Decimal digits of its minor unit: 2 for EUR, 0 for JPY.
             * @example 2
             */
            digits: number;
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
        /**
         * Format: uuid
         * @description An order.
         * @example 01900000-0000-7000-8000-000000000001
         */
        OrderId: string;
        /** @description One page. */
        Page_Product: {
            /** @description The entries, in the list's order. */
            items: {
                /**
                 * Format: int64
                 * @description Pieces that can be ordered now: on hand and not reserved.
                 * @example 40
                 */
                available: number;
                /**
                 * @description Its category.
                 * @example Tea
                 */
                category: string;
                /**
                 * @description Its description, in plain text.
                 * @example Ceylon black tea scented with oil of bergamot.
                 */
                description: string;
                /** @description Its id. */
                id: components["schemas"]["ProductId"];
                /**
                 * @description Its name.
                 * @example Earl Grey, 100 g
                 */
                name: string;
                /** @description The price of one piece. */
                price: components["schemas"]["Money"];
                /**
                 * @description The shop's own unique code for it.
                 * @example TEA-EARLGREY-100
                 */
                sku: string;
                /**
                 * Format: date-time
                 * @description When it was last changed.
                 */
                updated_at: string;
            }[];
            /** @description Give this as `cursor` to get the next page; `null` on the last one. */
            next_cursor?: string | null;
        };
        /** @description The schema of a price of one piece, which is [`Money`]. */
        Price: {
            /**
             * Format: int64
             * @description Minor units of the currency: cents for EUR and USD, yen for JPY.
             * @example 1299
             */
            amount_minor: number;
            /** @description The shop's currency, as an ISO 4217 code. */
            currency: components["schemas"]["Currency"];
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
        /** @description A product as customers see it. */
        Product: {
            /**
             * Format: int64
             * @description Pieces that can be ordered now: on hand and not reserved.
             * @example 40
             */
            available: number;
            /**
             * @description Its category.
             * @example Tea
             */
            category: string;
            /**
             * @description Its description, in plain text.
             * @example Ceylon black tea scented with oil of bergamot.
             */
            description: string;
            /** @description Its id. */
            id: components["schemas"]["ProductId"];
            /**
             * @description Its name.
             * @example Earl Grey, 100 g
             */
            name: string;
            /** @description The price of one piece. */
            price: components["schemas"]["Money"];
            /**
             * @description The shop's own unique code for it.
             * @example TEA-EARLGREY-100
             */
            sku: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
        };
        /** @description Body of `POST /products` and `PUT /products/{id}`. */
        ProductDraft: {
            /**
             * @description One line of 1 to 64 visible characters.
             * @example Tea
             */
            category: string;
            /**
             * @description At most 4,000 characters, in one or more lines.
             * @example Black tea from the Blue Mountains, fragrant and mild.
             */
            description?: string;
            /**
             * @description One line of 1 to 200 visible characters.
             * @example Nilgiri, 100 g
             */
            name: string;
            /** @description The price of one piece, more than zero. */
            price: components["schemas"]["Price"];
            /**
             * @description The shop's own code, unique whatever its case: 1 to 64 letters, digits, `.`, `_` or `-`, and no UUID.
             * @example TEA-NILGIRI-100
             */
            sku: string;
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
        /** @description A reservation, with the prices at the time when it was made. */
        Reservation: {
            /** @description The held items, with prices. Empty if the reservation was released before it was made. */
            lines: components["schemas"]["Line"][];
            /** @description The order. */
            order_id: components["schemas"]["OrderId"];
            /** @description Its status. */
            status: components["schemas"]["ReservationStatus"];
            total?: components["schemas"]["Money"] | null;
        };
        /** @description The answer to one update. */
        ReservationAnswer: {
            /** @description The update was carried out, now or before. */
            reservation: components["schemas"]["Reservation"];
        } | {
            /** @description Nothing is held, for this reason. */
            refusal: components["schemas"]["ReservationRefusal"];
        } | {
            /** @description The update cannot be carried out. */
            problem: components["schemas"]["Problem"];
        };
        /** @description Answer to `PATCH /reservations`. */
        ReservationAnswers: {
            /** @description The answers, in the order of the updates. */
            answers: components["schemas"]["ReservationAnswer"][];
        };
        /**
         * @description Answer 409 of `POST /reservations`: nothing is held, for this reason. It is an answer about the order, and
         *     not a failure of the request. So it is not a problem document.
         */
        ReservationRefusal: {
            /**
             * @description One sentence that names the product or the total.
             * @example Earl Grey, 100 g: 1 left, 2 ordered.
             */
            detail: string;
            /** @description The reason, as for a rejected order. */
            reason: components["schemas"]["RejectReason"];
        };
        /** @description Body of `POST /reservations`. Repeating it for the same order gives the first answer again. */
        ReservationRequest: {
            expected_total?: components["schemas"]["Money"] | null;
            /** @description The items to hold: all of them or none. */
            items: components["schemas"]["Item"][];
            /** @description The order for which the stock is held. It is also the idempotency key. */
            order_id: components["schemas"]["OrderId"];
        };
        /**
         * @description The status of a reservation.
         * @enum {string}
         */
        ReservationStatus: "held" | "committed" | "released";
        /** @description An update of the stock of one order. */
        ReservationUpdate: {
            /** @description The order. */
            order_id: components["schemas"]["OrderId"];
            /** @description The W3C Trace Context of the cause of this update. */
            traceparent?: string | null;
            /** @description The update. */
            update: components["schemas"]["StockUpdate"];
        };
        /** @description Body of `PATCH /reservations`: updates of the stock of several orders. */
        ReservationUpdates: {
            /** @description At most 64 updates. They are carried out in this order. */
            updates: components["schemas"]["ReservationUpdate"][];
        };
        /** @description A product's stock, as staff see it. */
        Stock: {
            /**
             * Format: int64
             * @description `on_hand - reserved`.
             * @example 38
             */
            available: number;
            /**
             * Format: int64
             * @description Pieces in the warehouse.
             * @example 40
             */
            on_hand: number;
            /** @description The product. */
            product_id: components["schemas"]["ProductId"];
            /**
             * Format: int64
             * @description Pieces in the warehouse that are held for orders which are not yet paid and committed.
             * @example 2
             */
            reserved: number;
        };
        /** @description Body of `PUT /products/{id}/stock`. */
        StockCount: {
            /**
             * Format: int64
             * @description Pieces in the warehouse, including those that are reserved for orders.
             * @example 40
             */
            on_hand: number;
        };
        /** @description The update of the stock of an order. Each kind of update also has its own route. */
        StockUpdate: {
            expected_total?: components["schemas"]["Money"] | null;
            /** @description The items to hold: all of them or none. */
            items: components["schemas"]["Item"][];
            /** @enum {string} */
            to: "reserve";
        } | {
            /** @enum {string} */
            to: "commit";
        } | {
            /** @enum {string} */
            to: "release";
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
    list_currencies: {
        parameters: {
            query?: never;
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
                    "application/json": components["schemas"]["Currencies"];
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
    list_products: {
        parameters: {
            query?: {
                /**
                 * @description The number of products per page, 1 to 100. The default is 20.
                 * @example 20
                 */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /**
                 * @description Only products of exactly this category.
                 * @example Tea
                 */
                category?: string;
                /**
                 * @description Only products with this text in their name or description. Case and accents do not matter.
                 * @example bergamot
                 */
                q?: string;
                /** @description Only these products, on one page: 1 to 100 ids, separated by commas. Use no other parameter with it. */
                ids?: string;
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
                    "application/json": components["schemas"]["Page_Product"];
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
    create_product: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProductDraft"];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description The version of the details, for `If-Match` */
                    ETag?: string;
                    /** @description The product */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
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
            /** @description Another product has this code */
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
    list_categories: {
        parameters: {
            query?: never;
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
                    "application/json": components["schemas"]["Categories"];
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
    get_product: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The product
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                id: components["schemas"]["ProductId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description The version of the details, for `If-Match` */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
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
            /** @description No such product, or it was deleted */
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
    update_product: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Replace only if the product still has this ETag
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The product
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                id: components["schemas"]["ProductId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProductDraft"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description The version of the details, for `If-Match` */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
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
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such product, or it was deleted */
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
            /** @description Another product has this code */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The product was changed; `current_product` has its current state */
            412: {
                headers: {
                    /** @description The current version */
                    ETag?: string;
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
    delete_product: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Delete only if the product still has this ETag
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The product
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                id: components["schemas"]["ProductId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The product is no longer sold */
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
            /** @description A valid access token is needed */
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
            /** @description No such product, or it was deleted */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The product was changed; `current_product` has its current state */
            412: {
                headers: {
                    /** @description The current version */
                    ETag?: string;
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
    set_stock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The product
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                id: components["schemas"]["ProductId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StockCount"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stock"];
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
            /** @description Not staff */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such product, or it was deleted */
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
            /** @description More pieces are held for orders; `reserved` has their number */
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
    reserve: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReservationRequest"];
            };
        };
        responses: {
            /** @description This order already has a reservation, held or released */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
            /** @description The stock is held */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
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
            /** @description The body did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is held, with the reason */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationRefusal"];
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
    patch_reservations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReservationUpdates"];
            };
        };
        responses: {
            /** @description Each update has its own answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationAnswers"];
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
    commit_reservation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The order
                 * @example 01900000-0000-7000-8000-000000000002
                 */
                order_id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reservation is committed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
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
            /** @description This order has no reservation */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The reservation was released */
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
    release_reservation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The order
                 * @example 01900000-0000-7000-8000-000000000002
                 */
                order_id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reservation is released */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
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
