-- ARGV: token, remembered, text
live(ARGV[1])
if (redis.call('HGET', KEYS[1], 'description') or '') ~= ARGV[3] then
  redis.call('HSET', KEYS[1], 'description', ARGV[3])
  note('', '[]', ARGV[2])
end
