-- ARGV: worker
redis.call('ZREM', base .. 'workers', ARGV[1])
