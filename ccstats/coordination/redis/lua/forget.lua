-- ARGV: token, remembered, seconds in microseconds
live(ARGV[1])
for _, source in ipairs(redis.call('ZRANGEBYSCORE', base .. 'said', '-inf', text(now - tonumber(ARGV[3])))) do
  local names = redis.call('HKEYS', base .. 'table:' .. source)
  redis.call('DEL', base .. 'table:' .. source)
  redis.call('HDEL', base .. 'sources', source)
  redis.call('ZREM', base .. 'said', source)
  note(source, #names > 0 and cjson.encode(names) or '[]', ARGV[2]) -- cjson writes an empty list as an object
end
