-- For wrk: the same POST again and again, from a file; one line of JSON at the end. Arguments: the file, then headers.
function init(args)
  local file = assert(io.open(args[1], "rb"))
  local headers = {}
  for index = 2, #args do
    local name, value = args[index]:match("^([^:]+): (.*)$")
    headers[name] = value
  end
  request_bytes = wrk.format("POST", wrk.path, headers, file:read("*a"))
  file:close()
end

function request()
  return request_bytes
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\nREPORT {"requests":%d,"micros":%d,"p50":%d,"p99":%d,"status":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
