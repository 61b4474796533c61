// Written by `npm run api`; not edited by hand.

export interface paths {
    "/carrier/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive an event of a parcel
         * @description For the carrier, which signs the time and the raw body with the shared secret: `Carrier-Signature:
         *     t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`. An event with a known id changes nothing.
         */
        post: operations["receive_event"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deliveries
         * @description Lists deliveries page by page, newest orders first. Only for staff.
         */
        get: operations["list_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deliveries/{order_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the delivery of an order
         * @description For the owner of the order and for staff.
         */
        get: operations["get_delivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deliveries/{order_id}/address": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change the address of a delivery
         * @description The owner of the order can change the address until the shop asks the carrier to take the parcel.
         *     `address_is_open` shows this. The address in the order does not change.
         */
        put: operations["change_address"];
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
        /** @description A report of the carrier about a parcel. */
        CarrierReport: {
            /**
             * Format: date-time
             * @description The carrier's time of the event.
             */
            at: string;
            /**
             * @description The carrier's name of the status. It may be one that this release does not know.
             * @example in_transit
             */
            status: string;
        };
        /**
         * @description An assigned code of ISO 3166-1 alpha-2.
         * @example GB
         * @enum {string}
         */
        CountryCode: "AD" | "AE" | "AF" | "AG" | "AI" | "AL" | "AM" | "AO" | "AQ" | "AR" | "AS" | "AT" | "AU" | "AW" | "AX" | "AZ" | "BA" | "BB" | "BD" | "BE" | "BF" | "BG" | "BH" | "BI" | "BJ" | "BL" | "BM" | "BN" | "BO" | "BQ" | "BR" | "BS" | "BT" | "BV" | "BW" | "BY" | "BZ" | "CA" | "CC" | "CD" | "CF" | "CG" | "CH" | "CI" | "CK" | "CL" | "CM" | "CN" | "CO" | "CR" | "CU" | "CV" | "CW" | "CX" | "CY" | "CZ" | "DE" | "DJ" | "DK" | "DM" | "DO" | "DZ" | "EC" | "EE" | "EG" | "EH" | "ER" | "ES" | "ET" | "FI" | "FJ" | "FK" | "FM" | "FO" | "FR" | "GA" | "GB" | "GD" | "GE" | "GF" | "GG" | "GH" | "GI" | "GL" | "GM" | "GN" | "GP" | "GQ" | "GR" | "GS" | "GT" | "GU" | "GW" | "GY" | "HK" | "HM" | "HN" | "HR" | "HT" | "HU" | "ID" | "IE" | "IL" | "IM" | "IN" | "IO" | "IQ" | "IR" | "IS" | "IT" | "JE" | "JM" | "JO" | "JP" | "KE" | "KG" | "KH" | "KI" | "KM" | "KN" | "KP" | "KR" | "KW" | "KY" | "KZ" | "LA" | "LB" | "LC" | "LI" | "LK" | "LR" | "LS" | "LT" | "LU" | "LV" | "LY" | "MA" | "MC" | "MD" | "ME" | "MF" | "MG" | "MH" | "MK" | "ML" | "MM" | "MN" | "MO" | "MP" | "MQ" | "MR" | "MS" | "MT" | "MU" | "MV" | "MW" | "MX" | "MY" | "MZ" | "NA" | "NC" | "NE" | "NF" | "NG" | "NI" | "NL" | "NO" | "NP" | "NR" | "NU" | "NZ" | "OM" | "PA" | "PE" | "PF" | "PG" | "PH" | "PK" | "PL" | "PM" | "PN" | "PR" | "PS" | "PT" | "PW" | "PY" | "QA" | "RE" | "RO" | "RS" | "RU" | "RW" | "SA" | "SB" | "SC" | "SD" | "SE" | "SG" | "SH" | "SI" | "SJ" | "SK" | "SL" | "SM" | "SN" | "SO" | "SR" | "SS" | "ST" | "SV" | "SX" | "SY" | "SZ" | "TC" | "TD" | "TF" | "TG" | "TH" | "TJ" | "TK" | "TL" | "TM" | "TN" | "TO" | "TR" | "TT" | "TV" | "TW" | "TZ" | "UA" | "UG" | "UM" | "US" | "UY" | "UZ" | "VA" | "VC" | "VE" | "VG" | "VI" | "VN" | "VU" | "WF" | "WS" | "YE" | "YT" | "ZA" | "ZM" | "ZW";
        /** @description The delivery of an order, as its owner and staff see it. */
        Delivery: {
            address?: components["schemas"]["Address"] | null;
            /** @description Whether the owner can still change the address. */
            address_is_open: boolean;
            /**
             * Format: date-time
             * @description When it was created.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When the recipient got the parcel.
             */
            delivered_at?: string | null;
            /** @description Whether the promised window is over and the parcel has not arrived. */
            is_late: boolean;
            /** @description The order. */
            order_id: components["schemas"]["OrderId"];
            /**
             * @description The carrier's number of the parcel, once the carrier has it.
             * @example PCL-01900000
             */
            parcel?: string | null;
            /**
             * Format: date
             * @description The first day of the promised window.
             */
            promised_from: string;
            /**
             * Format: date
             * @description The last day of the promised window.
             */
            promised_to: string;
            /**
             * @description Why the carrier does not take the parcel, in its own words.
             * @example The postal code does not exist.
             */
            refusal?: string | null;
            /** @description The reports of the carrier, oldest first. */
            reports: components["schemas"]["CarrierReport"][];
            /**
             * Format: date-time
             * @description When the carrier got the parcel.
             */
            shipped_at?: string | null;
            /** @description Its status. */
            status: components["schemas"]["DeliveryStatus"];
            /**
             * Format: date-time
             * @description When its status last changed.
             */
            updated_at: string;
            /** @description The owner of the order. */
            user_id: components["schemas"]["UserId"];
            /**
             * Format: int32
             * @description Counts the changes of the status, from 1.
             */
            version: number;
        };
        /**
         * @description The status of a delivery. It only moves forward.
         * @enum {string}
         */
        DeliveryStatus: "created" | "shipped" | "in_transit" | "out_for_delivery" | "delivered" | "lost" | "returned";
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
         * Format: uuid
         * @description An order.
         * @example 01900000-0000-7000-8000-000000000001
         */
        OrderId: string;
        /** @description One page. */
        Page_Delivery: {
            /** @description The entries, in the list's order. */
            items: {
                address?: components["schemas"]["Address"] | null;
                /** @description Whether the owner can still change the address. */
                address_is_open: boolean;
                /**
                 * Format: date-time
                 * @description When it was created.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When the recipient got the parcel.
                 */
                delivered_at?: string | null;
                /** @description Whether the promised window is over and the parcel has not arrived. */
                is_late: boolean;
                /** @description The order. */
                order_id: components["schemas"]["OrderId"];
                /**
                 * @description The carrier's number of the parcel, once the carrier has it.
                 * @example PCL-01900000
                 */
                parcel?: string | null;
                /**
                 * Format: date
                 * @description The first day of the promised window.
                 */
                promised_from: string;
                /**
                 * Format: date
                 * @description The last day of the promised window.
                 */
                promised_to: string;
                /**
                 * @description Why the carrier does not take the parcel, in its own words.
                 * @example The postal code does not exist.
                 */
                refusal?: string | null;
                /** @description The reports of the carrier, oldest first. */
                reports: components["schemas"]["CarrierReport"][];
                /**
                 * Format: date-time
                 * @description When the carrier got the parcel.
                 */
                shipped_at?: string | null;
                /** @description Its status. */
                status: components["schemas"]["DeliveryStatus"];
                /**
                 * Format: date-time
                 * @description When its status last changed.
                 */
                updated_at: string;
                /** @description The owner of the order. */
                user_id: components["schemas"]["UserId"];
                /**
                 * Format: int32
                 * @description Counts the changes of the status, from 1.
                 */
                version: number;
            }[];
            /** @description Give this as `cursor` to get the next page; `null` on the last one. */
            next_cursor?: string | null;
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
    receive_event: {
        parameters: {
            query?: never;
            header: {
                /** @description The time and the signature */
                "Carrier-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The parcel, the order as `reference`, and the event with `id`, `status` and `at` */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The event is recorded, now or before */
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
            /** @description The signature is missing, wrong or older than five minutes */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The shop has no such parcel */
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
            /** @description The body is not an event */
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
    list_deliveries: {
        parameters: {
            query?: {
                /**
                 * @description The number of deliveries per page, 1 to 100. The default is 20.
                 * @example 20
                 */
                limit?: number;
                /** @description `next_cursor` of the previous page. */
                cursor?: string;
                /** @description Only deliveries with this status. */
                status?: components["schemas"]["DeliveryStatus"];
                /** @description If `true`, only deliveries that are late. */
                late?: boolean;
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
                    "application/json": components["schemas"]["Page_Delivery"];
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
    get_delivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The order
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                order_id: components["schemas"]["OrderId"];
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
                    "application/json": components["schemas"]["Delivery"];
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
            /** @description A service, not a person */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The order has no delivery, or it belongs to another customer */
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
    change_address: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The order
                 * @example 01900000-0000-7000-8000-000000000001
                 */
                order_id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Address"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
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
            /** @description A service, not a person */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The order has no delivery, or it belongs to another customer */
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
            /** @description The carrier has the parcel, or is asked to take it */
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
            /** @description A field is invalid */
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
}
