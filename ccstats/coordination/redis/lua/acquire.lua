-- ARGV: token, worker, shard, lease
live(ARGV[1])
local key = base .. 'shard:' .. ARGV[3]
local known = redis.call('HMGET', key, 'fence', 'expires', 'debts', 'told', 'clean')
if tonumber(known[2] or 0) > now then
  return false
end
-- Out of the clock: also higher than those that were granted before everything was lost.
local fence = math.max(tonumber(known[1] or 0) + 1, now)
redis.call('HSET', key, 'fence', text(fence), 'worker', ARGV[2], 'expires', text(now + tonumber(ARGV[4])),
  'debts', known[3] or '', 'told', text(now), 'clean', '0')
if not known[4] then
  return { fence, now }
end
return { fence, now, known[3], tonumber(known[4]), tonumber(known[2]), tonumber(known[5]) }
