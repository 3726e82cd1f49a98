-- ARGV: token, worker, lease, leaving, how many claims; shard, fence, weight, debts of each; other shards
local worker, lease, claims = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
live(ARGV[1])

local function renewed(key, fence, weight, debts)
  local known = redis.call('HMGET', key, 'fence', 'worker', 'expires')
  local granted, holder, expires = tonumber(known[1] or 0), known[2] or '', tonumber(known[3] or 0)
  if fence < granted or (fence == granted and holder ~= worker) then
    return false
  end
  if fence > granted and holder ~= '' and holder ~= worker and expires > now then
    return false
  end
  redis.call('HSET', key, 'fence', text(fence), 'worker', worker, 'expires', text(now + lease), 'weight', weight,
    'debts', debts, 'told', text(now), 'clean', '0')
  return true
end

local kept, shards = {}, {}
for at = 6, 5 + 4 * claims, 4 do
  if renewed(base .. 'shard:' .. ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]) then
    kept[#kept + 1] = ARGV[at]
  end
  shards[#shards + 1] = ARGV[at]
end
for at = 6 + 4 * claims, #ARGV do
  shards[#shards + 1] = ARGV[at]
end

redis.call('ZREMRANGEBYSCORE', base .. 'workers', '-inf', text(now))
if ARGV[4] == '1' then
  redis.call('ZREM', base .. 'workers', worker)
else
  redis.call('ZADD', base .. 'workers', text(now + lease), worker)
end

local leases = {}
for _, shard in ipairs(shards) do
  local known = redis.call('HMGET', base .. 'shard:' .. shard, 'worker', 'expires', 'weight')
  local held = tonumber(known[2] or 0) > now
  leases[#leases + 1] = { shard, held and known[1] or '', held and tonumber(known[2]) or 0, tonumber(known[3] or 1) }
end
local life = redis.call('HMGET', KEYS[1], 'epoch', 'since')
return { now, life[1], tonumber(life[2]), redis.call('ZRANGE', base .. 'workers', 0, -1), kept, leases }
