-- What wrk sends: templates filled in with people who exist, or with new ones.
-- Arguments: method, path, body, size, user id, user name, group id, first group.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function numbered(pattern)
  return function(n) return string.format(pattern, n) end
end

function init(args)
  method, path, body = args[1], args[2], args[3]
  size = tonumber(args[4])
  user_id, user_name, group_id = numbered(args[5]), numbered(args[6]), numbered(args[7])
  first_group = tonumber(args[8]) + number * GROUPS
  serial = 0
  math.randomseed(os.time() + number * 7919)
  run = string.format("%x-%d-%06d", os.time(), number, math.random(0, 999999))
end

GROUPS = 50 -- of each thread: nobody else changes them meanwhile
MEMBERS = 100

local function somebody() return math.random(1, size) end

local function group() return serial % GROUPS end

-- All its groups get members, then all of them lose them again.
local function verb()
  return math.floor((serial - 1) / GROUPS) % 2 == 0 and "add" or "remove"
end

local function members()
  local list = {}
  for place = 1, MEMBERS do
    local n = (first_group + group()) * MEMBERS + place
    list[place] = '{"value":"' .. user_id((n - 1) % size + 1) .. '"}'
  end
  return table.concat(list, ",")
end

local values = {
  id = function() return user_id(somebody()) end,
  name = function() return user_name(somebody()) end,
  fresh = function() return "fresh-" .. run .. "-" .. serial end,
  serial = function() return run .. "-" .. serial end,
  flip = function() return serial % 2 == 0 and "true" or "false" end,
  group = function() return group_id(first_group + group()) end,
  verb = verb,
  members = members,
  -- For servers that take no list with "remove": it then means everybody.
  added = function() return verb() == "add" and ',"value":[' .. members() .. "]" or "" end,
}

local function filled(template)
  return (template:gsub("{(%a+)}", function(name)
    return values[name] and values[name]()
  end))
end

function request()
  serial = serial + 1
  local text = body ~= "" and filled(body) or nil
  return wrk.format(method, filled(path), nil, text)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
