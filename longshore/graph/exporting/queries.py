"""What an export is made of. Rows come in the order of their ids, so equal graphs give equal exports."""

from __future__ import annotations

_ASSERTED_BY = """array(
    select distinct document_id from provenance p where p.project = s.project and p.subject_id = s.{subject}
    order by document_id
)"""
_READ = """
    select jsonb_agg(distinct jsonb_build_object('provider', a.provider, 'model', a.model, 'fallback', f.by_fallback))
    from shown_facts f join llm_answers a using (text_hash, model, prompt_version)
    where f.project = s.project
"""
_SHOWN = """
    select from chunks c join document_parts d using (project, part_id)
    where c.project = s.project and c.text_hash = f.text_hash
"""
_NODE_READ_BY = f"coalesce(({_READ} and f.subject_id = s.node_id and exists ({_SHOWN})), '[]') as read_by"
_EDGE_READ_BY = f"""
    coalesce(case when s.kind = 'STATES'
        then ({_READ} and f.subject_id = s.target_id and exists ({_SHOWN} and d.document_id = s.source_id))
        else ({_READ} and f.subject_id = s.edge_id and exists ({_SHOWN})) end, '[]') as read_by
"""
"""The language models that have found a node or an edge in passages of the project; `fallback` where one was asked in
the place of the project's own."""
_IS_THERE = """(
    exists (select from documents d where d.project = s.project and d.document_id = s.{end})
    or exists (select from nodes n where n.project = s.project and n.node_id = s.{end})
)"""
_TIED = f"project = %(project)s and {_IS_THERE.format(end='source_id')} and {_IS_THERE.format(end='target_id')}"

DOCUMENTS = """
    select document_id as id, identity, kind, title, year, doi, metadata from documents
    where project = %(project)s order by document_id
"""
DOCUMENTS_WITH_PARTS = """
    select document_id as id, identity, kind, title, year, doi, metadata, coalesce((
        select jsonb_agg(jsonb_build_object('id', part_id, 'kind', shown.kind, 'label', label, 'pages', pages,
                                            'characters', characters) order by shown.kind, label collate "C", part_id)
        from (
            select distinct on (part_id) part_id, kind, label from document_parts p
            where p.project = d.project and p.document_id = d.document_id order by part_id, kind, label collate "C"
        ) as shown join parts using (part_id) where parts.project = d.project
    ), '[]') as parts, coalesce((
        select jsonb_agg(jsonb_build_object('key', source_key, 'item', item_key)
                         order by source_key collate "C", item_key collate "C")
        from items i where i.project = d.project and i.document_id = d.document_id
    ), '[]') as sources
    from documents d where project = %(project)s order by document_id
"""
PASSAGES = """
    select part_id as part, ordinal, page, first_line, last_line, heading, start_offset as start, end_offset as "end",
           text from chunks c
    where project = %(project)s
      and exists (select from document_parts p where p.project = c.project and p.part_id = c.part_id)
    order by part_id, ordinal
"""
NODES = (
    f"select node_id as id, kind, key, name, {_NODE_READ_BY} from nodes s where project = %(project)s order by node_id"
)
NODES_WITH_PROVENANCE = f"""
    select node_id as id, kind, key, name, {_ASSERTED_BY.format(subject="node_id")} as documents, {_NODE_READ_BY}
    from nodes s
    where project = %(project)s order by node_id
"""
# While an import is under way, an edge may outlive an end until the next sweep.
EDGES = f"""
    select edge_id as id, kind, source_id as source, target_id as target, weight, {_EDGE_READ_BY} from edges s
    where {_TIED} order by edge_id
"""
EDGES_WITH_PROVENANCE = f"""
    select edge_id as id, kind, source_id as source, target_id as target, weight,
           {_ASSERTED_BY.format(subject="edge_id")} as documents, {_EDGE_READ_BY} from edges s
    where {_TIED} order by edge_id
"""
