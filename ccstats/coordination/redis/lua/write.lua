-- ARGV: token, remembered, shard, fence, source, names, whether something is said and what, how many rows; name and
-- row of each; names of rows that are gone
local key, table, last = base .. 'shard:' .. ARGV[3], base .. 'table:' .. ARGV[5], 9 + 2 * tonumber(ARGV[9])
-- Where nothing is known of the shard, nothing is noted either: its holder says with its next beat that it is its own.
if tonumber(redis.call('HGET', key, 'fence') or 0) > tonumber(ARGV[4]) then
  return 0
end
live(ARGV[1])
each_thousand('HSET', table, 10, last)
each_thousand('HDEL', table, last + 1, #ARGV)
if ARGV[7] == '1' then
  redis.call('HSET', base .. 'sources', ARGV[5], ARGV[8])
  redis.call('ZADD', base .. 'said', text(now), ARGV[5])
end
note(ARGV[5], ARGV[6], ARGV[2])
return 1
