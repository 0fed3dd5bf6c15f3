-- For wrk: asks for the pages of a file in turn, each under an address that no cache
-- knows. What comes after “--” is the path of the file, and a word that no run had.
local paths, asked, run = {}, 0, ""

function init(arguments)
  for line in io.lines(arguments[1]) do
    paths[#paths + 1] = line
  end
  run = arguments[2]
end

function request()
  asked = asked + 1
  local path = paths[asked % #paths + 1]
  local sign = path:find("?", 1, true) and "&" or "?"
  return wrk.format("GET", path .. sign .. "bench=" .. run .. "-" .. asked)
end
