/** The services' HTTP APIs, typed by their OpenAPI documents. Requests carry the session's access token. */

import createClient from 'openapi-fetch';
import { session } from '../session/session';
import type { components as CatalogComponents, paths as CatalogPaths } from './generated/catalog';
import type { components as DeliveryComponents, paths as DeliveryPaths } from './generated/deliveries';
import type { components as DiscountComponents, paths as DiscountPaths } from './generated/discounts';
import type { components as OperationsComponents, paths as OperationsPaths } from './generated/operations';
import type { components as OrderComponents, paths as OrderPaths } from './generated/orders';
import type { paths as UserPaths } from './generated/users';
import { BASE_URL, reach } from './transport';

export type Product = CatalogComponents['schemas']['Product'];
export type ProductDraft = CatalogComponents['schemas']['ProductDraft'];
export type Stock = CatalogComponents['schemas']['Stock'];
export type Money = CatalogComponents['schemas']['Money'];
export type Pricing = DiscountComponents['schemas']['Pricing'];
export type PricedLine = DiscountComponents['schemas']['PricedLine'];
export type Adjustment = DiscountComponents['schemas']['Adjustment'];
export type ProductPrice = DiscountComponents['schemas']['ProductPrice'];
export type Promotion = DiscountComponents['schemas']['Promotion'];
export type PromotionEffect = DiscountComponents['schemas']['PromotionEffect'];
export type PromotionTerms = DiscountComponents['schemas']['PromotionTerms'];
export type QuoteRequest = DiscountComponents['schemas']['QuoteRequest'];
export type Order = OrderComponents['schemas']['Order'];
export type OrderLine = OrderComponents['schemas']['Line'];
export type OrderStatus = OrderComponents['schemas']['OrderStatus'];
export type PlaceOrder = OrderComponents['schemas']['PlaceOrder'];
export type HistoryEntry = OrderComponents['schemas']['OrderHistoryEntry'];
export type Delivery = DeliveryComponents['schemas']['Delivery'];
export type DeliveryStatus = DeliveryComponents['schemas']['DeliveryStatus'];
export type Queue = OperationsComponents['schemas']['Queue'];
export type ParkedSummary = OperationsComponents['schemas']['ParkedSummary'];
export type ParkedPage = OperationsComponents['schemas']['ParkedPage'];

/** Sends a request with the access token. If the token is refused, sends it again with a new one. */
async function withToken(request: Request): Promise<Response> {
  const token = await session.token();
  if (token === null) return reach(request);
  const again = request.clone();
  request.headers.set('authorization', `Bearer ${token}`);
  const response = await reach(request);
  if (response.status !== 401) return response;
  const next = await session.renewed(token);
  if (next === null) return response;
  again.headers.set('authorization', `Bearer ${next}`);
  return reach(again);
}

const options = { baseUrl: BASE_URL, fetch: withToken };

export const users = createClient<UserPaths>(options);
export const catalog = createClient<CatalogPaths>(options);
export const discounts = createClient<DiscountPaths>(options);
export const orders = createClient<OrderPaths>(options);
export const deliveries = createClient<DeliveryPaths>(options);
export const operations = createClient<OperationsPaths>(options);
