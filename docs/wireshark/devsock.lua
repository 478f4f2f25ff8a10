-- Wireshark and tshark understand devsock links with this: captures of `devsock trace` and `--trace`, and ordinary ones of TCP
-- and UDP. docs/trace.md says how to use it; docs/protocol/*.md is what it shows. Wireshark 3.6 or newer, Lua 5.2 or newer.

local devsock = Proto("devsock", "devsock link")

local HEADER, CRC, MAC = 8, 4, 8
local SEQUENCES = 2048
-- A gap longer than any window: the frames before it are missing in the capture.
local LOST = 64
-- Of a socket's bytes so many are kept in each direction, to be shown together.
local KEPT = 1024 * 1024
local PORT = 9180

local KINDS = {
  [0] = "hello", [1] = "ack", [2] = "data", [3] = "control", [4] = "datagram", [5] = "message", [6] = "last", [7] = "bye",
}
local HELLO, ACK, DATA, CONTROL, DATAGRAM, MESSAGE, LAST, BYE = 0, 1, 2, 3, 4, 5, 6, 7
local SEQUENCED = { [DATA] = true, [CONTROL] = true, [MESSAGE] = true, [LAST] = true }
local STEPS = { [0] = "offer", [1] = "answer", [2] = "refusal", [3] = "challenge" }
local ANSWER, REFUSAL = 1, 2
local OPS = {
  [1] = "open", [2] = "accept", [3] = "refuse", [4] = "fin", [5] = "reset", [6] = "gone", [7] = "option",
  [8] = "answer",
}
local OPEN, ACCEPT, REFUSE, FIN, RESET, OPTION, REPLY = 1, 2, 3, 4, 5, 7, 8
local TYPES = { [1] = "stream", [2] = "datagram", [3] = "raw", [4] = "rdm", [5] = "seqpacket" }
local STREAM, RAW, RDM, SEQPACKET = 1, 3, 4, 5
local STATUS = { [0] = "Bad", [1] = "Good", [2] = "Unverified" }
local BAD, GOOD, UNVERIFIED = 0, 1, 2
-- What a hello is like by its version: bytes of an epoch, and before the terms.
local HELLOS = { [1] = { epoch = 4, proof = 0, fixed = 10 }, [3] = { epoch = 8, proof = 16, fixed = 34 } }
HELLOS[2] = HELLOS[3]

-- Fields -------------------------------------------------------------------------------------------------------------

local f = {
  noise = ProtoField.bytes("devsock.noise", "No frame"),
  sync = ProtoField.uint16("devsock.sync", "Sync word", base.HEX),
  length = ProtoField.uint16("devsock.length", "Length"),
  kind = ProtoField.uint16("devsock.kind", "Kind", base.DEC, KINDS, 0xe000),
  priority = ProtoField.uint16("devsock.priority", "Priority", base.DEC, nil, 0x1800),
  channel = ProtoField.uint16("devsock.channel", "Channel", base.DEC, nil, 0x07ff),
  sequence = ProtoField.uint16("devsock.sequence", "Sequence", base.DEC, nil, 0xffe0),
  check = ProtoField.uint16("devsock.check", "Header check", base.DEC, nil, 0x001f),
  check_status = ProtoField.uint8("devsock.check.status", "Header check status", base.DEC, STATUS),
  payload = ProtoField.bytes("devsock.payload", "Payload"),
  crc = ProtoField.uint32("devsock.crc", "CRC-32", base.HEX),
  crc_status = ProtoField.uint8("devsock.crc.status", "CRC status", base.DEC, STATUS),
  mark = ProtoField.uint32("devsock.crc.mark", "Mark", base.HEX, nil, nil, "What the session and direction add to the CRC"),
  mac = ProtoField.bytes("devsock.mac", "MAC"),
  counter = ProtoField.uint32("devsock.counter", "Counter", base.DEC, nil, nil, "Of a frame that has no sequence number"),
  encrypted = ProtoField.bytes("devsock.encrypted", "Encrypted"),
  session = ProtoField.uint32("devsock.session", "Session", base.HEX),

  version = ProtoField.uint8("devsock.hello.version", "Version"),
  step = ProtoField.uint8("devsock.hello.step", "Step", base.DEC, STEPS),
  epoch = ProtoField.bytes("devsock.hello.epoch", "Own epoch"),
  peer = ProtoField.bytes("devsock.hello.peer", "Peer's epoch"),
  proof = ProtoField.bytes("devsock.hello.proof", "Proof"),
  terms = ProtoField.string("devsock.hello.terms", "Terms"),

  flags = ProtoField.uint8("devsock.ack.flags", "Flags", base.HEX),
  ask = ProtoField.bool("devsock.ack.ask", "Asks for an answer", 8, nil, 0x01),
  bitmap = ProtoField.uint16("devsock.ack.bitmap", "Bitmap", base.HEX, nil, nil, "Bit i: frame expected + 1 + i is here"),
  here = ProtoField.uint16("devsock.ack.here", "Here, out of order"),
  credit_channel = ProtoField.uint16("devsock.ack.channel", "Channel"),
  credit_limit = ProtoField.uint32("devsock.ack.limit", "Limit"),
  acked = ProtoField.framenum("devsock.ack.frame", "Acknowledges the frame in", base.NONE, frametype.ACK),
  rtt = ProtoField.relative_time("devsock.ack.rtt", "Time since that frame"),

  op = ProtoField.uint8("devsock.control.op", "Operation", base.DEC, OPS),
  type = ProtoField.uint8("devsock.control.type", "Type", base.DEC, TYPES),
  credit = ProtoField.uint32("devsock.control.credit", "Credit"),
  address = ProtoField.string("devsock.control.address", "Address"),
  option = ProtoField.uint8("devsock.control.option", "Number of the question"),
  text = ProtoField.string("devsock.control.text", "Option or answer"),
  failure = ProtoField.string("devsock.failure", "Failure"),

  data = ProtoField.bytes("devsock.data", "Data"),
  offset = ProtoField.uint32("devsock.data.offset", "Position in the stream"),
  urgent_position = ProtoField.uint32("devsock.urgent.position", "Urgent position"),
  urgent_byte = ProtoField.uint8("devsock.urgent.byte", "Urgent byte", base.HEX),

  socket = ProtoField.uint32("devsock.socket", "Socket"),
  socket_address = ProtoField.string("devsock.socket.address", "Address"),
  socket_type = ProtoField.uint8("devsock.socket.type", "Type", base.DEC, TYPES),
  original = ProtoField.framenum("devsock.original", "First seen in", base.NONE, frametype.RETRANS_PREV),
  stream = ProtoField.bytes("devsock.stream", "All bytes of this direction"),
  stream_record = ProtoField.bytes("devsock.record", "The record"),
  line = ProtoField.string("devsock.line", "Line"),
}

-- What the terms of a hello may hold.
local NUMBERS = { "payload", "window", "keep", "chunk", "lifetime", "resume", "next", "have", "boot" }
local TEXTS = { "name", "board", "firmware" }
for _, name in ipairs(NUMBERS) do f["terms_" .. name] = ProtoField.uint32("devsock.terms." .. name, name) end
for _, name in ipairs(TEXTS) do f["terms_" .. name] = ProtoField.string("devsock.terms." .. name, name) end
devsock.fields = f

local function warn(name, text, group, severity) return ProtoExpert.new("devsock.expert." .. name, text, group, severity) end

local e = {
  noise = warn("noise", "Bytes that belong to no frame", expert.group.MALFORMED, expert.severity.WARN),
  half = warn("half", "A frame without its end", expert.group.MALFORMED, expert.severity.WARN),
  check = warn("check", "The header's check is wrong", expert.group.CHECKSUM, expert.severity.ERROR),
  crc = warn("crc", "The CRC is wrong, or of a session not known here", expert.group.CHECKSUM, expert.severity.ERROR),
  resend = warn("resend", "Sent again", expert.group.SEQUENCE, expert.severity.NOTE),
  duplicate = warn("duplicate", "Came already", expert.group.SEQUENCE, expert.severity.NOTE),
  gap = warn("gap", "Frames before this one are missing", expert.group.SEQUENCE, expert.severity.WARN),
  late = warn("late", "Fills a gap", expert.group.SEQUENCE, expert.severity.NOTE),
  credit = warn("credit", "More than the credit allows", expert.group.PROTOCOL, expert.severity.ERROR),
  failure = warn("failure", "Refused, reset or ended", expert.group.RESPONSE_CODE, expert.severity.NOTE),
}
devsock.experts = e

local flags_direction = Field.new("frame.packet_flags_direction")
local interface = Field.new("frame.interface_id")
local comment = Field.new("frame.comment")
local tcp_stream = Field.new("tcp.stream")
local udp_stream = Field.new("udp.stream")

-- CRC-32 -------------------------------------------------------------------------------------------------------------

-- Lua 5.2 has bit32, Wireshark's own Lua 5.1 has bit, and from 5.3 on there are operators, which older ones cannot read.
local bxor = bit32 and bit32.bxor or bit and bit.bxor or load("return function(a, b) return a ~ b end")()

local TABLE = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do
    if c % 2 == 1 then c = bxor(math.floor(c / 2), 0xedb88320) else c = math.floor(c / 2) end
  end
  TABLE[i] = c % 2 ^ 32
end

local function crc32(text)
  local c = 0xffffffff
  for i = 1, #text do c = bxor(TABLE[bxor(c % 256, text:byte(i))], math.floor(c / 256)) end
  return bxor(c, 0xffffffff) % 2 ^ 32
end

local function mark_of(sender, receiver)
  local mark = crc32(sender .. receiver)
  return mark == 0 and 1 or mark
end

-- What is known of links, from the first time a packet is seen on ------------------------------------------------------

local links, sessions, records, socket_count

function devsock.init()
  links, sessions, records, socket_count = {}, {}, {}, 0
end

local function new_link(datagram)
  return { marks = {}, learned = {}, datagram = datagram }
end

-- The link of a packet, and which of its two sides sent it.
local function link_of(pinfo)
  local stream, key, side = tcp_stream(), nil, nil
  if pinfo.port_type == 2 and stream then
    key = "tcp" .. tostring(stream)
  elseif pinfo.port_type == 3 and udp_stream() then
    key = "udp" .. tostring(udp_stream())
  else
    local direction = flags_direction()
    side = direction and direction.value == 1 and "in" or "out"
    key = "interface" .. tostring(interface() and interface().value or 0)
  end
  links[key] = links[key] or new_link(pinfo.port_type == 3)
  return links[key], side or tostring(pinfo.src) .. " " .. pinfo.src_port
end

local function new_direction(first)
  -- The next frame in order, the newest one, the oldest not acknowledged; frames seen, and those that wait for one before them.
  return { next = first, newest = first - 1, oldest = first, seen = {}, early = {}, log = {} }
end

local function new_session(agreed)
  agreed.directions = {}
  agreed.sockets = {}
  return agreed
end

local function direction_of(session, side, first)
  session.directions[side] = session.directions[side] or new_direction(first)
  return session.directions[side]
end

-- A hello: both epochs are in an answer, and with them what the frames of both directions bear.
local function learn(link, side, hello)
  if hello.step ~= ANSWER then return end
  local from, to = mark_of(hello.epoch, hello.peer), mark_of(hello.peer, hello.epoch)
  local known = link.pending or link.session
  if known and known.answerer == from then return end
  link.pending = {
    responder = side, answerer = from, offerer = to, id = to,
    secured = hello.proof:find("[^%z]") ~= nil, resume = hello.terms.resume, next = hello.terms.next,
    offered_next = link.offered and link.offered.next,
  }
end

-- Frames that the other side did not get before the link was lost are sent again on the new one: take them back.
local function take_back(direction, from)
  for number = direction.newest, from, -1 do
    local logged = direction.log[number]
    if logged then
      logged.flow.bytes = logged.flow.bytes - logged.length
      logged.flow.kept = logged.flow.kept - logged.length
      logged.flow.parts[logged.part] = nil
    end
  end
end

local function begin(link)
  local agreed = link.pending
  local session = new_session(agreed)
  local old = agreed.resume and agreed.resume ~= 0 and sessions[agreed.resume]
  if old then
    session.sockets = old.sockets
    for side, direction in pairs(old.directions) do
      local got = side == "responder" and agreed.offered_next or agreed.next
      if got then take_back(direction, got) end
    end
  end
  link.session, link.pending = session, nil
  sessions[session.id] = session
end

-- Whether the CRC of a frame is that of its session. The first frame of a new session begins it.
local function judge(link, side, kind, mark)
  if kind == HELLO then return mark == 0 and GOOD or BAD end
  for _, session in ipairs({ link.session or false, link.pending or false }) do
    if session then
      local expected = side == session.responder and session.answerer or session.offerer
      if mark == expected then
        if session == link.pending then begin(link) end
        return GOOD
      end
    end
  end
  -- Without a handshake in the capture: two frames in a row with the same mark were not made so by damage.
  if not link.session then
    local before = link.learned[side]
    link.learned[side] = mark
    if before == mark or (mark == 0 and kind == BYE) then return GOOD end
    return UNVERIFIED
  end
  return BAD
end

-- Sockets and their bytes ----------------------------------------------------------------------------------------------

local function socket_of(session, channel)
  local socket = session.sockets[channel]
  if not socket then
    socket_count = socket_count + 1
    socket = { id = socket_count, flows = {}, limits = {} }
    session.sockets[channel] = socket
  end
  return socket
end

local function flow_of(socket, side)
  socket.flows[side] = socket.flows[side] or { bytes = 0, credit = 0, parts = {}, kept = 0, from = 1 }
  return socket.flows[side]
end

local function joined(flow)
  local parts = {}
  for i = flow.from, #flow.parts do parts[#parts + 1] = flow.parts[i] end
  return table.concat(parts)
end

-- A credit is an absolute count modulo 2^32, given by the side that receives.
local function grant(socket, giver, limit)
  for side, flow in pairs(socket.flows) do if side ~= giver then flow.limit = limit end end
  socket.limits[giver] = limit
end

local function spend(socket, side, flow, record, units)
  flow.credit = (flow.credit + units) % 2 ^ 32
  local limit = flow.limit
  for giver, given in pairs(socket.limits) do if giver ~= side then limit = given end end
  if limit and (limit - flow.credit) % 2 ^ 32 >= 2 ^ 31 then record.beyond = true end
end

local function keep(flow, text)
  if flow.kept + #text > KEPT then flow.cut = true return end
  flow.kept = flow.kept + #text
  flow.parts[#flow.parts + 1] = text
end

-- A control frame in its turn.
local function control(session, side, channel, record, text)
  local op = text:byte(1)
  if op == OPEN and #text >= 6 then
    session.sockets[channel] = nil
    local socket = socket_of(session, channel)
    socket.type, socket.address = text:byte(2), text:sub(7)
    grant(socket, side, record.credit)
  elseif op == ACCEPT and record.credit then
    grant(socket_of(session, channel), side, record.credit)
  end
  local socket = socket_of(session, channel)
  local flow = flow_of(socket, side)
  record.socket = socket
  if op == FIN then
    flow.from = 1
    record.whole, record.cut = joined(flow), flow.cut
  end
end

-- A frame that is in its turn, or needs none.
local function deliver(session, side, kind, channel, record, text)
  if kind == CONTROL and not session.secured then return control(session, side, channel, record, text) end
  if kind == CONTROL then return end
  local socket = socket_of(session, channel)
  record.socket = socket
  local kept = socket.type == STREAM or socket.type == SEQPACKET or socket.type == nil
  if kind ~= DATA and kind ~= LAST then
    if kind == MESSAGE and socket.type == RDM then spend(socket, side, flow_of(socket, side), record, #text + 1) end
    return
  end
  local flow = flow_of(socket, side)
  record.offset = flow.bytes
  flow.bytes = flow.bytes + #text
  spend(socket, side, flow, record, (socket.type == RAW or kind == LAST) and #text + 1 or #text)
  if kept and not session.secured then
    keep(flow, text)
    if kind == LAST then
      record.whole, record.cut = joined(flow), flow.cut
      flow.from = #flow.parts + 1
    end
    return { flow = flow, length = #text, part = #flow.parts }
  end
end

-- A sequenced frame: is it new, and whose turn is it?
local function sequenced(link, session, side, kind, channel, record, text, number, now)
  local direction = direction_of(session, side, session.learned and record.sequence or 0)
  local ahead = (record.sequence - direction.next) % SEQUENCES
  local at = direction.next + (ahead < SEQUENCES / 2 and ahead or ahead - SEQUENCES)
  local first = direction.seen[at]
  if first then
    record.original, first.again = first.number, true
    record.socket = first.record.socket
    return
  end
  if at < direction.next then return end
  direction.seen[at] = { number = number, time = now, record = record }
  direction.seen[at - SEQUENCES / 2] = nil
  if at > direction.newest + 1 then record.gap = at - direction.newest - 1 end
  record.late = at < direction.newest
  direction.newest = math.max(direction.newest, at)
  if kind == MESSAGE then deliver(session, side, kind, channel, record, text) end
  direction.early[at] = function() return kind ~= MESSAGE and deliver(session, side, kind, channel, record, text) or nil end
  if at - direction.next > LOST then
    for missing = direction.next, at do
      direction.next = missing
      if direction.early[missing] then break end
    end
  end
  while direction.early[direction.next] do
    direction.log[direction.next] = direction.early[direction.next]()
    direction.log[direction.next - SEQUENCES / 2] = nil
    direction.early[direction.next] = nil
    direction.next = direction.next + 1
  end
end

-- An acknowledgement: which frame of the other side was the newest in order, and how long ago was it sent?
local function acknowledged(session, side, record, now)
  for other, direction in pairs(session.directions) do
    if other ~= side then
      local more = (record.sequence - direction.oldest) % SEQUENCES
      local newest = direction.oldest + more - 1
      if more > 0 and newest <= direction.newest then
        direction.oldest = direction.oldest + more
        local sent = direction.seen[newest]
        if sent then
          record.acked = sent.number
          if not sent.again then record.rtt = now - sent.time end
        end
      end
    end
  end
  for _, credit in ipairs(record.credits or {}) do
    local socket = session.sockets[credit.channel]
    if socket then grant(socket, side, credit.limit) end
  end
end

-- Everything that a frame tells about its link, once.
local function analyse(link, side, pinfo, record, kind, channel, text)
  if kind == HELLO then
    if record.hello.step == 0 then link.offered = record.hello.terms end
    return learn(link, side, record.hello)
  end
  if link.pending and link.pending.secured and side ~= link.pending.responder then begin(link) end
  local session = link.session
  if not session then
    link.guess = link.guess or new_session({ learned = true, id = 0 })
    session = link.guess
  end
  record.session = session
  local now = pinfo.abs_ts
  -- A session may go on over another link, where its sides have other addresses.
  if session.responder then side = side == session.responder and "responder" or "initiator" end
  if SEQUENCED[kind] then
    sequenced(link, session, side, kind, channel, record, text, pinfo.number, now)
  elseif kind == ACK then
    acknowledged(session, side, record, now)
  elseif kind == DATAGRAM then
    record.socket = socket_of(session, channel)
  end
end

-- What the frame shows -------------------------------------------------------------------------------------------------

local function terms_of(text)
  local terms = {}
  for _, name in ipairs(NUMBERS) do terms[name] = tonumber(text:match('"' .. name .. '"%s*:%s*(%d+)')) end
  for _, name in ipairs(TEXTS) do terms[name] = text:match('"' .. name .. '"%s*:%s*"([^"]*)"') end
  return terms
end

local function failure(tree, range, info)
  tree:add(f.failure, range):add_proto_expert_info(e.failure)
  info[#info + 1] = range:string(ENC_UTF_8)
end

local function show_hello(range, tree, info, record)
  local version = range(0, 1):uint()
  local layout = HELLOS[version] or HELLOS[3]
  tree:add(f.version, range(0, 1))
  if range:len() < layout.fixed then return end
  local step = range(1, 1):uint()
  local at = 2
  tree:add(f.step, range(1, 1))
  local parts = {}
  for _, part in ipairs({ { "epoch", layout.epoch }, { "peer", layout.epoch }, { "proof", layout.proof } }) do
    local name, size = part[1], part[2]
    if size > 0 then tree:add(f[name], range(at, size)) end
    parts[name] = size > 0 and range(at, size):raw() or ""
    at = at + size
  end
  parts.step, parts.terms = step, {}
  info[#info + 1] = STEPS[step] or "step " .. step
  if range:len() > layout.fixed then
    local rest = range(layout.fixed)
    if step == REFUSAL then
      failure(tree, rest, info)
    else
      local text = rest:string(ENC_UTF_8)
      local sub = tree:add(f.terms, rest)
      parts.terms = terms_of(text)
      for _, list in ipairs({ NUMBERS, TEXTS }) do
        for _, name in ipairs(list) do
          if parts.terms[name] then sub:add(f["terms_" .. name], rest, parts.terms[name]) end
        end
      end
      info[#info + 1] = text
    end
  end
  record.hello = parts
end

local function show_ack(range, tree, info, record)
  if range:len() < 3 then return end
  local flags = tree:add(f.flags, range(0, 1))
  flags:add(f.ask, range(0, 1))
  if range(0, 1):uint() % 2 == 1 then info[#info + 1] = "asks" end
  local bitmap = range(1, 2):uint()
  local bits = tree:add(f.bitmap, range(1, 2))
  for i = 0, 15 do
    if math.floor(bitmap / 2 ^ i) % 2 == 1 then
      local here = (record.sequence + 1 + i) % SEQUENCES
      bits:add(f.here, range(1, 2), here)
      info[#info + 1] = "has #" .. here
    end
  end
  record.credits = {}
  for at = 3, range:len() - 6, 6 do
    local channel, limit = range(at, 2):uint(), range(at + 2, 4):uint()
    local credit = tree:add(range(at, 6), string.format("Credit: channel %d up to %d", channel, limit))
    credit:add(f.credit_channel, range(at, 2))
    credit:add(f.credit_limit, range(at + 2, 4))
    record.credits[#record.credits + 1] = { channel = channel, limit = limit }
    info[#info + 1] = string.format("credit %d to %d", channel, limit)
  end
end

local function show_control(range, tree, info, record)
  if range:len() < 1 then return end
  local op, n = range(0, 1):uint(), range:len()
  tree:add(f.op, range(0, 1))
  info[#info + 1] = OPS[op] or "operation " .. op
  if op == OPEN and n >= 6 then
    tree:add(f.type, range(1, 1))
    tree:add(f.credit, range(2, 4))
    record.credit = range(2, 4):uint()
    if n > 6 then
      tree:add(f.address, range(6))
      info[#info + 1] = range(6):string(ENC_UTF_8)
    end
    info[#info + 1] = "credit " .. record.credit
  elseif op == ACCEPT and n >= 5 then
    tree:add(f.credit, range(1, 4))
    record.credit = range(1, 4):uint()
    info[#info + 1] = "credit " .. record.credit
  elseif (op == OPTION or op == REPLY) and n >= 2 then
    tree:add(f.option, range(1, 1))
    if n > 2 then
      tree:add(f.text, range(2))
      info[#info + 1] = range(2):string(ENC_UTF_8)
    end
  elseif (op == REFUSE or op == RESET) and n > 1 then
    failure(tree, range(1), info)
  end
end

local function show_data(range, tree, info, record, kind)
  if range:len() > 0 then tree:add(f.data, range) end
  info[#info + 1] = range:len() .. " bytes"
  local socket = record.socket
  if kind == MESSAGE and socket and socket.type == STREAM and range:len() >= 4 then
    tree:add(f.urgent_position, range(0, 4))
    if range:len() > 4 then tree:add(f.urgent_byte, range(4, 1)) end
    info[#info + 1] = "urgent"
  end
end

-- The bytes of a socket's direction, or of a record, that have come in many frames.
local function show_whole(record, tree, op)
  local name = op == FIN and "Stream" or "Record"
  if #record.whole == 0 then return end
  local all = ByteArray.new(record.whole, true):tvb(name .. (record.cut and " (its beginning)" or ""))
  local sub = tree:add(op == FIN and f.stream or f.stream_record, all:range())
  local at = 0
  if record.whole:find("[^%g%s]") then return end
  for line in record.whole:gmatch("[^\n]*\n?") do
    if #line > 0 then sub:add(f.line, all:range(at, #line), (line:gsub("%s+$", ""))) end
    at = at + #line
  end
end

local function show_socket(record, tree, info)
  local socket = record.socket
  tree:add(f.socket, socket.id):set_generated()
  if socket.address then
    tree:add(f.socket_address, socket.address):set_generated()
    tree:add(f.socket_type, socket.type):set_generated()
    if not record.credit then info[#info + 1] = socket.address end
  end
  if record.offset then tree:add(f.offset, record.offset % 2 ^ 32):set_generated() end
end

local function show_analysis(record, tree, info, side)
  if record.session and record.session.id ~= 0 then tree:add(f.session, record.session.id):set_generated() end
  if record.socket then show_socket(record, tree, info) end
  if record.original then
    tree:add(f.original, record.original):set_generated()
    tree:add_proto_expert_info(side == "in" and e.duplicate or e.resend)
    info[#info + 1] = side == "in" and "[came already]" or "[sent again]"
  end
  if record.gap then
    tree:add_proto_expert_info(e.gap, "Missing before this one: " .. record.gap)
    info[#info + 1] = "[" .. record.gap .. " missing before it]"
  end
  if record.late then tree:add_proto_expert_info(e.late) end
  if record.beyond then tree:add_proto_expert_info(e.credit) end
  if record.acked then
    tree:add(f.acked, record.acked):set_generated()
    if record.rtt then
      local whole = math.floor(record.rtt)
      tree:add(f.rtt, NSTime.new(whole, math.floor((record.rtt - whole) * 1e9))):set_generated()
    end
  end
end

-- Frames in bytes ------------------------------------------------------------------------------------------------------

local function header_right(tvb, at)
  local length, tag, last = tvb(at + 2, 2):uint(), tvb(at + 4, 2):uint(), tvb(at + 6, 2):uint()
  return (length + 3 * tag + 5 * math.floor(last / 32)) % 31 == last % 32
end

-- What stands behind the payload: a CRC, or in a session with a key a MAC.
local function trailer(link, tvb, at, only)
  local kind = tvb(at + 4, 1):bitfield(0, 3)
  if kind == HELLO then return CRC end
  local session = link.pending or link.session
  if session then return session.secured and MAC or CRC end
  -- Not even the handshake is in the capture: a packet that is one frame tells by its length.
  return only and tvb:len() - at == HEADER + tvb(at + 2, 2):uint() + MAC and MAC or CRC
end

-- Bytes up to where a frame may begin.
local function noise_at(tvb, at)
  local text = tvb:raw(at + 1)
  local found = text:find("\xd5\x9a", 1, true)
  if not found and text:byte(#text) == 0xd5 then found = #text end
  return found or tvb:len() - at
end

local function show_frame(tvb, at, size, behind, link, side, pinfo, root, infos)
  local range = tvb(at, size)
  local tag, field = range(4, 2):uint(), range(6, 2):uint()
  local kind, channel = math.floor(tag / 8192), tag % 2048
  local key = table.concat({ pinfo.number, tvb:offset() + at, range(0, 8):raw(), range(size - behind):raw() }, ":")
  local record = records[key]
  local fresh = not record
  if fresh then
    record = { sequence = math.floor(field / 32) }
    records[key] = record
  end
  local tree = root:add(devsock, range)
  tree:add(f.sync, range(0, 2))
  tree:add(f.length, range(2, 2))
  for _, name in ipairs({ "kind", "priority", "channel" }) do tree:add(f[name], range(4, 2)) end
  for _, name in ipairs({ "sequence", "check" }) do tree:add(f[name], range(6, 2)) end
  tree:add(f.check_status, range(6, 2), GOOD):set_generated()
  local info = { KINDS[kind] }
  if kind == ACK then info[1] = "ack up to" end
  if kind ~= HELLO and kind ~= BYE and kind ~= ACK then info[#info + 1] = tostring(channel) end
  if SEQUENCED[kind] or kind == ACK then info[#info + 1] = "#" .. record.sequence end

  local secured = behind == MAC
  local payload = size > HEADER + behind and range(HEADER, size - HEADER - behind) or nil
  local body = payload and tree:add(f.payload, payload)
  local text = payload and payload:raw() or ""
  if payload and secured then
    local from = SEQUENCED[kind] and 0 or math.min(4, payload:len())
    if from == 4 then body:add(f.counter, payload(0, 4)) end
    if payload:len() > from then body:add(f.encrypted, payload(from)) end
    info[#info + 1] = "encrypted " .. payload:len() - from .. " bytes"
    text = text:sub(from + 1)
  elseif payload then
    if kind == HELLO then show_hello(payload, body, info, record)
    elseif kind == ACK then show_ack(payload, body, info, record)
    elseif kind == CONTROL then show_control(payload, body, info, record)
    elseif kind == BYE then failure(body, payload, info)
    end
  end

  if fresh then
    if not secured then
      record.mark = bxor(crc32(range(0, size - CRC):raw()), range(size - CRC, 4):le_uint()) % 2 ^ 32
      record.status = judge(link, side, kind, record.mark)
    end
    if record.status ~= BAD and (kind ~= HELLO or record.hello) then
      analyse(link, side, pinfo, record, kind, channel, text)
    end
  end
  if payload and not secured and (kind == DATA or kind == LAST or kind == DATAGRAM or kind == MESSAGE) then
    show_data(payload, body, info, record, kind)
  end
  if secured then
    tree:add(f.mac, range(size - behind))
  else
    tree:add_le(f.crc, range(size - CRC, CRC))
    tree:add(f.mark, range(size - CRC, CRC), record.mark):set_generated()
    local status = tree:add(f.crc_status, range(size - CRC, CRC), record.status):set_generated()
    if record.status == BAD then
      status:add_proto_expert_info(e.crc)
      info[#info + 1] = "[wrong CRC]"
    end
  end
  show_analysis(record, tree, info, side)
  if record.whole then show_whole(record, tree, kind == CONTROL and text:byte(1) or nil) end
  tree:append_text(": " .. table.concat(info, " "))
  infos[#infos + 1] = table.concat(info, " ")
end

local function show_noise(range, root, infos, reason)
  local tree = root:add(devsock, range)
  local item = tree:add(f.noise, range)
  item:add_proto_expert_info(reason)
  if reason == e.check then tree:add(f.check_status, range, BAD):set_generated() end
  tree:append_text(": " .. range:len() .. " bytes that are no frame")
  infos[#infos + 1] = range:len() .. " bytes of no frame"
end

function devsock.dissector(tvb, pinfo, root)
  local link, side = link_of(pinfo)
  local infos, at, size = {}, 0, tvb:len()
  local stream = pinfo.port_type == 2
  pinfo.cols.protocol = "devsock"
  if pinfo.port_type == 0 then
    pinfo.cols.src, pinfo.cols.dst = side == "in" and "board" or "host", side == "in" and "host" or "board"
  end
  -- What happened to the connection.
  if size == 0 and comment() then infos[1] = tostring(comment()) end
  while at < size do
    local left = size - at
    local synced = tvb(at, 1):uint() == 0xd5 and (left < 2 or tvb(at + 1, 1):uint() == 0x9a)
    local whole = left >= HEADER
    if synced and (not whole or header_right(tvb, at)) then
      local behind = whole and trailer(link, tvb, at, at == 0 and not stream) or CRC
      local want = whole and HEADER + tvb(at + 2, 2):uint() + behind or HEADER
      if whole and want <= left then
        show_frame(tvb, at, want, behind, link, side, pinfo, root, infos)
        at = at + want
      elseif stream and pinfo.can_desegment > 0 then
        pinfo.desegment_offset = at
        pinfo.desegment_len = whole and want - left or DESEGMENT_ONE_MORE_SEGMENT
        break
      else
        show_noise(tvb(at), root, infos, e.half)
        at = size
      end
    else
      local run = noise_at(tvb, at)
      show_noise(tvb(at, run), root, infos, synced and e.check or e.noise)
      at = at + run
    end
  end
  if #infos > 0 then pinfo.cols.info = table.concat(infos, "; ") end
  return size
end

-- Where it is used -----------------------------------------------------------------------------------------------------

-- On any port: whoever begins with a frame of a handshake, or of a link that is known.
local function heuristic(tvb, pinfo, root)
  if tvb:len() < HEADER + CRC or tvb(0, 2):uint() ~= 0xd59a or not header_right(tvb, 0) then return false end
  pinfo.conversation = devsock
  devsock.dissector(tvb, pinfo, root)
  return true
end

devsock:register_heuristic("tcp", heuristic)
devsock:register_heuristic("udp", heuristic)
DissectorTable.get("tcp.port"):add(PORT, devsock)
DissectorTable.get("udp.port"):add(PORT, devsock)
-- LINKTYPE_USER0: what devsock's own captures have.
DissectorTable.get("wtap_encap"):add(wtap.USER0, devsock)
