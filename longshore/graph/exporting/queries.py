"""What an export is made of. Rows come in the order of their ids, so equal graphs give equal exports."""

from __future__ import annotations

_ASSERTED_BY = """array(
    select distinct document_id from provenance p where p.project = s.project and p.subject_id = s.{subject}
    order by document_id
)"""
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
NODES = "select node_id as id, kind, key, name from nodes where project = %(project)s order by node_id"
NODES_WITH_PROVENANCE = f"""
    select node_id as id, kind, key, name, {_ASSERTED_BY.format(subject="node_id")} as documents from nodes s
    where project = %(project)s order by node_id
"""
# While an import is under way, an edge may outlive an end until the next sweep.
EDGES = f"""
    select edge_id as id, kind, source_id as source, target_id as target, weight from edges s
    where {_TIED} order by edge_id
"""
EDGES_WITH_PROVENANCE = f"""
    select edge_id as id, kind, source_id as source, target_id as target, weight,
           {_ASSERTED_BY.format(subject="edge_id")} as documents from edges s
    where {_TIED} order by edge_id
"""
