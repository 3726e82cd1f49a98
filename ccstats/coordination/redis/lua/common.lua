-- What every script begins with. Times are whole microseconds of the server's clock: a double holds them exactly.
-- KEYS[1] is `{prefix}:life`; all other keys begin alike, so one slot of a cluster and one ACL pattern hold them all.
local base = string.sub(KEYS[1], 1, -5)
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local function text(number)
  return string.format('%.0f', number)
end

-- Lua's unpack() has a limit: commands with many arguments are given them by the thousand.
local function each_thousand(command, key, first, last)
  for from = first, last, 1000 do
    redis.call(command, key, unpack(ARGV, from, math.min(from + 999, last)))
  end
end

-- Whoever comes first after everything was lost begins another life of the table.
local function live(token)
  if redis.call('HSETNX', KEYS[1], 'epoch', token .. '-' .. text(now)) == 1 then
    redis.call('HSET', KEYS[1], 'since', text(now), 'number', '0')
    redis.call('DEL', base .. 'changes')
  end
end

-- The ids of the stream are the numbers of the changes: one that is missing is seen.
local function note(source, names, remembered)
  local id = text(redis.call('HINCRBY', KEYS[1], 'number', 1)) .. '-0'
  redis.call('XADD', base .. 'changes', 'MAXLEN', '~', remembered, id, 'source', source, 'names', names)
end
