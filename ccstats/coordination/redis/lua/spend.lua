-- GCRA: the limit is a single time, when all of the burst is there again.
-- ARGV: key, microseconds between two requests, burst, spender, how long one counts as a spender
local key, interval, burst, recent = base .. 'limit:' .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local spenders = base .. 'spenders:' .. ARGV[1]
redis.call('ZREMRANGEBYSCORE', spenders, '-inf', text(now - recent))
redis.call('ZADD', spenders, text(now), ARGV[4])
redis.call('PEXPIRE', spenders, text(recent / 1000))
local count = redis.call('ZCARD', spenders)

local known = redis.call('HMGET', key, 'full', 'blocked')
-- No later than just after a burst: a clock that was set back does not stop everybody.
local full = math.min(tonumber(known[1] or 0), now + burst * interval)
local blocked = tonumber(known[2] or 0)
local free = math.max(full - (burst - 1) * interval, blocked)
if free > now then
  return { free - now, count }
end
full = math.max(full, now) + interval
redis.call('HSET', key, 'full', text(full))
redis.call('PEXPIREAT', key, text(math.ceil(math.max(full, blocked) / 1000) + 1000))
return { 0, count }
