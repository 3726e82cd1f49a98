-- ARGV: worker, shard, fence, debts
local key = base .. 'shard:' .. ARGV[2]
local known = redis.call('HMGET', key, 'fence', 'worker')
if known[2] == ARGV[1] and tonumber(known[1]) == tonumber(ARGV[3]) then
  redis.call('HSET', key, 'worker', '', 'expires', text(now), 'debts', ARGV[4], 'told', text(now), 'clean', '1')
end
