-- The requests of wrk, and the output of its results.

local function lines(name)
	local found = {}
	for line in os.getenv(name):gmatch("[^\n]+") do
		found[#found + 1] = line
	end
	return found
end

local keys = os.getenv("KEYED")
local threads = 0

function setup(thread)
	threads = threads + 1
	thread:set("number", threads)
end

function init()
	local tokens, bodies = lines("TOKENS"), lines("BODIES")
	made, sent = {}, 0
	for index, body in ipairs(bodies) do
		local headers = {
			["Content-Type"] = "application/json",
		}
		if #tokens > 0 then
			headers["Authorization"] = "Bearer " .. tokens[index % #tokens + 1]
		end
		made[index] = { headers = headers, body = body, whole = wrk.format("POST", nil, headers, body) }
	end
end

function request()
	sent = sent + 1
	local next = made[sent % #made + 1]
	if keys == "" then
		return next.whole
	end
	next.headers["Idempotency-Key"] = keys .. "-" .. number .. "-" .. sent
	return wrk.format("POST", nil, next.headers, next.body)
end

function done(summary, latency)
	local errors = summary.errors
	-- wrk counts answers with a status above 399 in `summary.requests`, too.
	local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
	io.write(string.format(
		'seen {"accepted": %d, "failed": %d, "seconds": %f, "p50": %f, "p99": %f}\n',
		summary.requests - errors.status, failed, summary.duration / 1e6,
		latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
	))
end
