// Written by `npm run api`; not edited by hand.

export interface paths {
    "/claims": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update the claims of several orders
         * @description A claim prices an order and uses each promotion that applies once. Claimed and committed uses never exceed
         *     a limit. Each update is idempotent and gets its own answer. A refused update does not affect the others.
         *
         *     Inside only: the gateway does not let this through.
         */
        patch: operations["patch_claims"];
        trace?: never;
    };
    "/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the prices of products
         * @description Shows the price of one piece of each product, under the automatic promotions that apply to every customer
         *     and order.
         */
        get: operations["list_prices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/promotions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List promotions
         * @description Lists promotions page by page, oldest first, with those that have ended or not started. Only for staff.
         */
        get: operations["list_promotions"];
        put?: never;
        /**
         * Add a promotion
         * @description Without a code the promotion applies automatically. Only for staff.
         */
        post: operations["create_promotion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/promotions/effect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview the effect of a promotion
         * @description Prices the latest orders at their list prices, with and without the promotion, under the automatic promotions of
         *     today. The window of the promotion is ignored, and every customer is assumed to enter its code. Its limits
         *     count, from the oldest of these orders. Nothing is changed. Only for staff.
         */
        post: operations["preview_effect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/promotions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a promotion
         * @description The `ETag` changes when staff edit the promotion. An order that uses it does not change the `ETag`. Only
         *     for staff.
         */
        get: operations["get_promotion"];
        /**
         * Replace the terms of a promotion
         * @description Existing claims keep their price. Send `If-Match` with the `ETag` that you read. If another member of
         *     staff has changed the promotion since then, the answer is 412 and nothing is lost. Without `If-Match`, the
         *     last request wins. The total limit cannot be lower than the number of orders that use the promotion. Only
         *     for staff.
         */
        put: operations["update_promotion"];
        post?: never;
        /**
         * Delete a promotion
         * @description Orders that use the promotion keep their price. Only for staff.
         */
        delete: operations["delete_promotion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/quote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Price a basket
         * @description Shows the price of these products under the automatic promotions and the given codes. It claims nothing,
         *     so an order can still get another price: a promotion may be used up, or the customer may have used it
         *     before.
         */
        post: operations["quote"];
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
        /** @description The claim of an order, with its price at the time of the claim. */
        Claim: {
            /** @description The order. */
            order_id: components["schemas"]["OrderId"];
            pricing?: components["schemas"]["Pricing"] | null;
            /** @description Its status. */
            status: components["schemas"]["ClaimStatus"];
        };
        /** @description The answer to one update. */
        ClaimAnswer: {
            /** @description The update was carried out, now or before. */
            claim: components["schemas"]["Claim"];
        } | {
            /** @description Nothing is claimed, for this reason. */
            refusal: components["schemas"]["ClaimRefusal"];
        } | {
            /** @description The update cannot be carried out. */
            problem: components["schemas"]["Problem"];
        };
        /** @description Answer to `PATCH /claims`. */
        ClaimAnswers: {
            /** @description The answers, in the order of the updates. */
            answers: components["schemas"]["ClaimAnswer"][];
        };
        /** @description A line of an order, before discounts. */
        ClaimLine: {
            /**
             * @description Its category.
             * @example Tea
             */
            category: string;
            /** @description The list price of one piece. */
            list_price: components["schemas"]["Price"];
            /** @description The product. */
            product_id: components["schemas"]["ProductId"];
            /**
             * Format: int64
             * @description Pieces, 1 to 1,000.
             * @example 2
             */
            quantity: number;
        };
        /** @description Nothing is claimed, because a code of the order cannot be used. */
        ClaimRefusal: {
            /**
             * @description The code, as the customer entered it.
             * @example TEA-WEEK
             */
            code: string;
            /**
             * @description The reason, as one sentence for the customer.
             * @example Tea week ended on 2026-05-01 00:00 UTC.
             */
            detail: string;
            /** @description The reason, for programs. */
            reason: components["schemas"]["NotApplied"];
        };
        /**
         * @description The status of a claim.
         * @enum {string}
         */
        ClaimStatus: "claimed" | "committed" | "released";
        /** @description An update of the claim of one order. */
        ClaimUpdate: {
            /** @description The order. It is also the idempotency key. */
            order_id: components["schemas"]["OrderId"];
            /** @description The W3C Trace Context of the cause of this update. */
            traceparent?: string | null;
            /** @description The update. */
            update: components["schemas"]["UsageUpdate"];
        };
        /** @description Body of `PATCH /claims`: updates of the claims of several orders. */
        ClaimUpdates: {
            /** @description At most 64 updates. They are carried out in this order. */
            updates: components["schemas"]["ClaimUpdate"][];
        };
        /** @description A promotion or a code that was considered. */
        ConsideredPromotion: {
            /**
             * @description The code, as the customer entered it. Missing if the promotion is automatic.
             * @example TEA-WEEK
             */
            code?: string | null;
            /**
             * @description The promotion's name. Missing if the shop does not have the code.
             * @example Tea week
             */
            name?: string | null;
            promotion_id?: components["schemas"]["PromotionId"] | null;
            /** @description Whether the promotion applied. */
            result: components["schemas"]["PromotionResult"];
        };
        /**
         * @description An ISO 4217 currency code: three upper-case letters.
         * @example EUR
         */
        Currency: string;
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
         * @description Why a promotion did not apply.
         * @enum {string}
         */
        NotApplied: "unknown_code" | "not_started" | "expired" | "used_up" | "used_up_by_customer" | "below_minimum" | "no_matching_line" | "better_promotion" | "no_effect";
        /**
         * Format: uuid
         * @description An order.
         * @example 01900000-0000-7000-8000-000000000001
         */
        OrderId: string;
        /** @description One page. */
        Page_Promotion: {
            /** @description The entries, in the list's order. */
            items: {
                /** @description Its id. */
                id: components["schemas"]["PromotionId"];
                /** @description Its terms. */
                terms: components["schemas"]["PromotionTerms"];
                /**
                 * Format: date-time
                 * @description When its terms were last changed.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description The number of orders that use it: claimed and committed.
                 * @example 12
                 */
                used: number;
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
        /** @description A line with its price. */
        PricedLine: {
            /** @description The amounts that promotions take off this line. */
            adjustments: components["schemas"]["Adjustment"][];
            /**
             * @description Its category.
             * @example Tea
             */
            category?: string;
            /** @description The list price of one piece. */
            list_price: components["schemas"]["Money"];
            /** @description The product. */
            product_id: components["schemas"]["ProductId"];
            /**
             * Format: int64
             * @description Pieces.
             * @example 2
             */
            quantity: number;
            /** @description The price of all pieces of the line, after discounts. */
            total: components["schemas"]["Money"];
        };
        /**
         * @description The price of a quote or an order. The lines' totals sum to `total`, and a line's adjustments explain the
         *     difference from its list price.
         */
        Pricing: {
            /** @description The lines, in the order of the request. */
            lines: components["schemas"]["PricedLine"][];
            /** @description The sum of the list prices. */
            list_total: components["schemas"]["Money"];
            /** @description Each promotion that was considered, and each code. */
            promotions: components["schemas"]["ConsideredPromotion"][];
            /** @description The sum to pay. */
            total: components["schemas"]["Money"];
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
        /** @description The price of one piece of a product. */
        ProductPrice: {
            /** @description The amounts that these promotions take off. */
            adjustments: components["schemas"]["Adjustment"][];
            /** @description The list price. */
            list_price: components["schemas"]["Money"];
            /**
             * @description The price under the automatic promotions for products and categories that have no minimum and no limit
             *     for each customer.
             */
            price: components["schemas"]["Money"];
            /** @description The product. */
            product_id: components["schemas"]["ProductId"];
        };
        /** @description Answer of `GET /prices`. */
        ProductPrices: {
            /**
             * @description The prices of the products, in the order of the request. A product that the shop does not have is left
             *     out.
             */
            items: components["schemas"]["ProductPrice"][];
        };
        /** @description A promotion, as staff see it. */
        Promotion: {
            /** @description Its id. */
            id: components["schemas"]["PromotionId"];
            /** @description Its terms. */
            terms: components["schemas"]["PromotionTerms"];
            /**
             * Format: date-time
             * @description When its terms were last changed.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description The number of orders that use it: claimed and committed.
             * @example 12
             */
            used: number;
        };
        /** @description Answer of `POST /promotions/effect`: the effect that a promotion would have had on the latest orders. */
        PromotionEffect: {
            /**
             * Format: int64
             * @description The number of orders that were priced. It is smaller than requested if the shop has fewer orders.
             * @example 100
             */
            orders: number;
            /**
             * Format: int64
             * @description The number of these orders that would have used the promotion.
             * @example 12
             */
            orders_with_promotion: number;
            /** @description The sum of the totals of all these orders with the promotion. */
            total_with: components["schemas"]["Money"];
            /** @description The sum of the totals of all these orders without the promotion. */
            total_without: components["schemas"]["Money"];
        };
        /**
         * Format: uuid
         * @description A promotion of the shop.
         * @example 01900000-0000-7000-8000-000000000001
         */
        PromotionId: string;
        /** @description Whether a promotion applied. */
        PromotionResult: {
            /** @description The amount that it takes off the order. */
            amount: components["schemas"]["Money"];
            /** @enum {string} */
            status: "applied";
        } | {
            /**
             * @description The reason, as one sentence for the customer.
             * @example Tea week ended on 2026-05-01 00:00 UTC.
             */
            detail: string;
            /** @description The reason, for programs. */
            reason: components["schemas"]["NotApplied"];
            /** @enum {string} */
            status: "not_applied";
        };
        /**
         * @description Body of `POST /promotions` and `PUT /promotions/{id}`: the terms of a promotion. All amounts are in the
         *     shop's currency.
         */
        PromotionTerms: {
            cap?: components["schemas"]["Price"] | null;
            /**
             * @description The code that a customer enters: 1 to 64 letters, digits, `.`, `_` or `-`, unique whatever its case.
             *     Without a code the promotion applies automatically.
             * @example TEA-WEEK
             */
            code?: string | null;
            /**
             * Format: int64
             * @description The most orders of one customer that can use the promotion.
             * @example 1
             */
            customer_limit?: number | null;
            /**
             * Format: date-time
             * @description The promotion applies before this time. By default it has no end.
             */
            ends_at?: string | null;
            /**
             * @description Promotions of the same group are never combined. The best one for the customer applies.
             * @example seasonal
             */
            exclusive_group?: string | null;
            minimum?: components["schemas"]["Price"] | null;
            /**
             * @description One line of 1 to 100 visible characters, which customers see.
             * @example Tea week
             */
            name: string;
            /**
             * Format: int64
             * @description Promotions with a higher priority apply first.
             * @example 0
             */
            priority?: number;
            /** @description The percentage or the amount that the promotion takes off. */
            reduction: components["schemas"]["Reduction"];
            /** @description The part of an order that the promotion reduces. */
            scope: components["schemas"]["Scope"];
            /**
             * Format: date-time
             * @description The promotion applies from this time. By default it applies immediately.
             */
            starts_at?: string | null;
            /**
             * Format: int64
             * @description The most orders that can use the promotion.
             * @example 100
             */
            total_limit?: number | null;
        };
        /** @description Body of `POST /quote`. */
        QuoteRequest: {
            /**
             * @description The codes that the customer entered, at most 10. Upper and lower case do not matter.
             * @example [
             *       "TEA-WEEK"
             *     ]
             */
            codes?: string[];
            /** @description 1 to 100 different products. */
            items: components["schemas"]["Item"][];
        };
        /** @description The percentage or the amount that a promotion takes off. */
        Reduction: {
            /**
             * Format: int64
             * @description Hundredths of a percent: 1,000 is 10 %.
             * @example 1000
             */
            basis_points: number;
            /** @enum {string} */
            kind: "percent";
        } | {
            /** @description More than zero. */
            amount: components["schemas"]["Price"];
            /** @enum {string} */
            kind: "amount";
        };
        /** @description The part of an order that a promotion reduces. */
        Scope: {
            /** @enum {string} */
            kind: "order";
        } | {
            /** @enum {string} */
            kind: "products";
            /** @description 1 to 500 different products. */
            product_ids: components["schemas"]["ProductId"][];
        } | {
            /**
             * @description 1 to 50 different categories of the catalogue.
             * @example [
             *       "Tea"
             *     ]
             */
            categories: string[];
            /** @enum {string} */
            kind: "categories";
        };
        /** @description The update of an order's claim. Repeating it gives the first answer again. */
        UsageUpdate: {
            /** @description The codes of the order, at most 10. */
            codes?: string[];
            /** @description The lines, with their list prices: 1 to 100 different products. */
            lines: components["schemas"]["ClaimLine"][];
            /** @enum {string} */
            to: "claim";
            /** @description The customer. */
            user_id: components["schemas"]["UserId"];
        } | {
            /** @enum {string} */
            to: "commit";
        } | {
            /** @enum {string} */
            to: "release";
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
    patch_claims: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimUpdates"];
            };
        };
        responses: {
            /** @description Each update has its own answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClaimAnswers"];
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
    list_prices: {
        parameters: {
            query: {
                /**
                 * @description 1 to 100 ids of products, separated by commas.
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                product_ids: string;
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
                    "application/json": components["schemas"]["ProductPrices"];
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
            /** @description The parameter is invalid */
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
            /** @description The catalogue or the database does not answer */
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
    list_promotions: {
        parameters: {
            query?: {
                /**
                 * @description The number of promotions per page, 1 to 100. The default is 20.
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
                    "application/json": components["schemas"]["Page_Promotion"];
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
    create_promotion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromotionTerms"];
            };
        };
        responses: {
            201: {
                headers: {
                    /** @description The version of the terms, for `If-Match` */
                    ETag?: string;
                    /** @description The promotion */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Promotion"];
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
            /** @description Another promotion has this code */
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
    preview_effect: {
        parameters: {
            query?: {
                /** @description The number of orders to price, 1 to 1,000. */
                orders?: number;
                /** @description The promotion whose terms these would replace. By default the promotion is new. */
                replaces?: components["schemas"]["PromotionId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromotionTerms"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromotionEffect"];
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
            /** @description The terms or the number of orders are invalid */
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
    get_promotion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The promotion
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                id: components["schemas"]["PromotionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    /** @description The version of the terms, for `If-Match` */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Promotion"];
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
            /** @description No such promotion, or it was deleted */
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
    update_promotion: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Replace only if the promotion still has this ETag
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The promotion
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                id: components["schemas"]["PromotionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromotionTerms"];
            };
        };
        responses: {
            200: {
                headers: {
                    /** @description The new version of the terms */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Promotion"];
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
            /** @description No such promotion, or it was deleted */
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
            /** @description Another promotion has this code */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The promotion was changed; `current_promotion` has its current state */
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
    delete_promotion: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Delete only if the promotion still has this ETag
                 * @example "3"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The promotion
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                id: components["schemas"]["PromotionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The promotion no longer applies */
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
            /** @description No such promotion, or it was deleted */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The promotion was changed; `current_promotion` has its current state */
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
    quote: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuoteRequest"];
            };
        };
        responses: {
            /** @description The price. A code that cannot be used is listed with the reason */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pricing"];
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
            /** @description A line is invalid, or the shop does not have its product */
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
            /** @description The catalogue or the database does not answer */
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
