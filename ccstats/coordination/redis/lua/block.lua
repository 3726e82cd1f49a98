-- ARGV: key, microseconds
local key = base .. 'limit:' .. ARGV[1]
local known = redis.call('HMGET', key, 'full', 'blocked')
local blocked = math.max(tonumber(known[2] or 0), now + tonumber(ARGV[2]))
redis.call('HSET', key, 'blocked', text(blocked))
redis.call('PEXPIREAT', key, text(math.ceil(math.max(tonumber(known[1] or 0), blocked) / 1000) + 1000))
