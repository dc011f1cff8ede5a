"""What is wrong with a house that stands as told, and what to do about it. Pure.

Owns the codes of problems and their texts; the thresholds are bounds of the configuration.
"""

from collections.abc import Iterable, Iterator

from server.config import Bounds
from server.gateway.overview import NodeState, Overview, Problem
from server.ledger.cosigning import Owed

_GIB = 1_073_741_824


def problems(told: Overview, bounds: Bounds) -> Iterator[Problem]:
    """What is wrong with a house that stands like this, the gravest first. Pure."""
    if not told.durable:
        yield Problem(
            "NotDurable", "bad", told.database,
            "数据库无法写入,所有操作均未受理。", "The database cannot be written; no act is taken.",
            "请检查磁盘空间与数据库服务;恢复后会自动继续。运行 tongchang doctor 查看原因。",
            "Check the disk's room and the database server; it goes on by itself. See `tongchang doctor`.",
        )  # fmt: skip
    elif not told.ready:
        yield Problem(
            "NotReady", "bad", told.coordinator,
            "协调系统正在启动或停止。", "The coordinator is starting or stopping.",
            "请稍候;若一分钟后仍如此,请查看日志。", "Wait; if it stays so for a minute, look into its log.",
        )  # fmt: skip
    if told.machine.disk_bytes and told.machine.disk_free_bytes < bounds.disk_free_bytes_min:
        free = f"{told.machine.disk_free_bytes / _GIB:.2f}"
        yield Problem(
            "DiskNearlyFull", "bad", "disk",
            f"数据盘只剩 {free} GiB。", f"Only {free} GiB are left on the data disk.",
            "请清理或扩容数据盘;写满后所有操作都不再受理。",
            "Make room on the disk or enlarge it; when it is full no act is taken any more.",
        )  # fmt: skip
    if told.bus == "away":
        yield Problem(
            "BusAway", "warn", "redis",
            "Redis 无法连接,其他协调系统的进展要晚半秒才看到。",
            "Redis cannot be reached; what other coordinators write is seen half a second later.",
            "请检查 Redis 服务与网络;不会丢失任何记录。", "Check Redis and the network; nothing is lost.",
        )  # fmt: skip
    if told.appends.p99_ms > bounds.append_slow_ms:
        yield Problem(
            "AppendsSlow", "warn", told.database,
            f"提交较慢:99% 的操作在 {told.appends.p99_ms} 毫秒内落盘。",
            f"Commits are slow: 99 % of acts are durable within {told.appends.p99_ms} ms.",
            "请检查磁盘是否繁忙,或数据库服务器的负载。",
            "See whether the disk or the database server is busy.",
        )  # fmt: skip
    for node in told.nodes:
        yield from _of_node(node, bounds)
    for one in told.sessions:
        if not one.writer:
            yield Problem(
                "NoWriter", "warn", one.session,
                f"会话 {one.session} 暂无协调系统写入。",
                f"No coordinator is known to write session {one.session}.",
                "几秒内会自动接管;若持续存在,请检查各协调系统与数据库的连接。",
                "One takes it over within seconds; if not, check the coordinators' way to the database.",
            )  # fmt: skip


def of_cosigners(owed: Iterable[tuple[str, Owed]], at: int, bounds: Bounds) -> Iterator[Problem]:
    """What is wrong with those who cosign (session, what is owed) at a time in ms, the gravest first."""
    for session, one in sorted(owed, key=lambda told: (not told[1].stopped, told[0], told[1].name)):
        if one.because == "rules":
            yield Problem(
                "RuleBroken", "bad", session,
                f"重放联署节点 {one.name} 发现会话 {session} 的记录不合规则({one.why}),不再联署。",
                f"Cosigner {one.name}, which replays, found a rule broken in session {session} ({one.why}); "
                "it cosigns nothing more of it.",
                "请立即停止该会话并通知监督人员:核对该节点出示的条目与规则,"
                "检查协调系统的程序与数据库是否被改动。",
                "Stop this session now and tell the supervisors: look at the entry and rule that this "
                "cosigner shows, and whether the coordinator's program or database was changed.",
            )  # fmt: skip
        elif one.because == "genesis":
            yield Problem(
                "SessionNotAgreed", "bad", session,
                f"联署节点 {one.name} 不认可会话 {session} 的创世条目:与其开评前得知的不符({one.why})。",
                f"Cosigner {one.name} does not recognise the genesis of session {session}: it was told "
                f"otherwise before ({one.why}).",
                "请与该省核对安装、各省密钥与信任策略(含信任列表签署方)。配置更正后自动补签,否则请重新预约会话。",
                "Compare installation, provinces' keys and trust policy (with the signers of the trust list) "
                "with that province; once its configuration is right it cosigns by itself, else book anew.",
            )  # fmt: skip
        elif one.stopped:
            yield Problem(
                "HistoriesDiffer", "bad", session,
                f"联署节点 {one.name} 持有会话 {session} 的另一份或更长的记录({one.why})。",
                f"Cosigner {one.name} holds another or a longer record of session {session} ({one.why}).",
                "请立即停止该会话,保全数据库与联署节点的数据,由监督人员逐条比对;不要覆盖任何一方。",
                "Stop this session now, keep the data of both, and compare them entry by entry with the "
                "supervisors; overwrite neither.",
            )  # fmt: skip
        elif at - one.since > bounds.cosigner_late_ms:
            yield Problem(
                "CosignerLate", "warn", one.name,
                f"联署节点 {one.name} 尚未联署会话 {session} 的最新检查点(待补签):{one.why}。",
                f"Cosigner {one.name} owes its line under session {session}: {one.why}.",
                "请与该省联系,检查其联署节点与网络;恢复后自动补签。",
                "Call that province; check its cosigner and the network. What is owed follows by itself.",
            )  # fmt: skip


def _of_node(node: NodeState, bounds: Bounds) -> Iterator[Problem]:
    if not node.online:
        yield Problem(
            "NodeAway", "warn", node.node,
            f"{node.zh}未连接;会场可离线工作,恢复后自动补送。",
            f"{node.en or node.node} is not connected; the venue works on alone and sends what it kept.",
            "请与该会场联系,检查其节点与专线。", "Call the venue; check its node and its line.",
        )  # fmt: skip
    elif node.behind > bounds.behind_entries_max:
        yield Problem(
            "NodeBehind", "warn", node.node,
            f"{node.zh}落后 {node.behind} 条记录。",
            f"{node.en or node.node} is {node.behind} entries behind.",
            "通常会自动追上;若持续增加,请检查该会场的带宽与磁盘。",
            "It usually catches up; if it grows, check the venue's bandwidth and disk.",
        )  # fmt: skip
